// The first page: upload, list, week. Everything shown comes in as text (textContent), nothing as markup.
"use strict";

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const PAGE = 20;
const SURE = 0.9; // as the gate of documents is, where nobody has set another
const SHORT = 25; // minutes, which give room for one line
const STEPS = { classification: "looking at it", ocr: "reading", llm: "finding the week", validation: "checking" };
const STATES = { uploaded: "waiting", processing: "being read", completed: "read", needs_review: "please check" };
const at = id => document.getElementById(id);
let shown = 0; // documents of the list
let turns = 0; // pictures that were asked for
let key = sessionStorage.getItem("key");

function make(tag, text, name) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (name) element.className = name;
  return element;
}

function say(text, bad) {
  at("said").textContent = text;
  at("said").className = bad ? "bad" : "";
}

const headers = () => (key ? { "X-Api-Key": key } : {});

// An answer, or an Error with the sentence that the server gave.
async function ask(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: { ...headers(), ...options.headers } });
  if (answer.ok) return answer;
  if (answer.status === 401) at("access").hidden = false;
  const problem = await answer.json().catch(() => ({}));
  throw new Error(problem.error || `The server answered ${answer.status}.`);
}

// ---- upload ----

function row(name) {
  const item = make("li"), bar = make("progress"), state = make("span", "sending");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", name);
  item.append(make("span", name), bar, state);
  at("progress").append(item);
  return { item, bar, state };
}

function send(file, line) {
  return new Promise((resolve, reject) => {
    const form = new FormData(), request = new XMLHttpRequest();
    form.append("file", file);
    request.open("POST", "/api/v1/documents/upload");
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    request.upload.onprogress = event => { if (event.lengthComputable) line.bar.value = 30 * event.loaded / event.total; };
    request.onerror = () => reject(new Error("The server cannot be reached."));
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* the status says it */ }
      if (request.status === 401) at("access").hidden = false;
      if (request.status === 200) resolve(answer);
      else reject(new Error(answer.error || `The server answered ${request.status}.`));
    };
    request.send(form);
  });
}

// Reads the stream of events until the document's end; EventSource cannot send a key.
async function follow(id, line) {
  const answer = await ask(`/api/v1/events/${id}`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = "";;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
      const data = text.slice(0, end).split("\n").find(part => part.startsWith("data: "));
      const event = data ? JSON.parse(data.slice(6)) : {};
      if (event.type === "progress") {
        line.bar.value = 30 + 0.7 * event.percentage;
        line.state.textContent = STEPS[event.step] || event.step || "";
      } else if (event.type === "complete") {
        line.bar.value = 100;
        return;
      } else if (event.type === "error") {
        throw new Error(event.error);
      }
    }
  }
}

async function take(file) {
  const line = row(file.name);
  try {
    const { documentId } = await send(file, line);
    line.state.textContent = "reading";
    await follow(documentId, line);
    line.item.remove();
    say(`${file.name} has been read.`);
    await list();
    if (at("result").hidden || !at("progress").hasChildNodes()) await open(documentId); // of several the first and the last
  } catch (problem) {
    line.state.textContent = problem.message;
    line.state.className = "failed";
    say(`${file.name}: ${problem.message}`, true);
    list();
  }
}

// ---- the list ----

function add(entry) {
  const line = make("tr"), name = make("td"), ready = ["completed", "needs_review"].includes(entry.status);
  const title = make(ready ? "button" : "span", entry.filename, ready ? "link" : "");
  if (ready) title.addEventListener("click", () => open(entry.id));
  name.append(title);
  const state = make("td", STATES[entry.status] || entry.status.replace("_", " "), entry.status === "failed" ? "failed" : "");
  if (entry.error_message) state.append(make("span", `: ${entry.error_message}`));
  const share = entry.confidence === null ? "" : `${Math.round(100 * entry.confidence)} %`;
  line.append(name, state, make("td", share), make("td", new Date(entry.created_at).toLocaleString()));
  at("documents").append(line);
}

async function list(more) {
  try {
    const from = more ? shown : 0;
    const found = await (await ask(`/api/v1/documents?limit=${PAGE}&offset=${from}`)).json();
    if (!more) at("documents").replaceChildren();
    found.forEach(add);
    shown = from + found.length;
    at("none").hidden = shown > 0;
    at("more").hidden = found.length < PAGE;
  } catch (problem) {
    say(problem.message, true);
  }
}

// ---- a week ----

const minutes = text => (text ? 60 * Number(text.split(":")[0]) + Number(text.split(":")[1]) : NaN);

function card(block) {
  const element = make("div", undefined, "block");
  const times = [block.startTime, block.endTime].filter(Boolean).join(" – ");
  element.append(make("b", block.name));
  if (times) element.append(make("span", times));
  if (block.notes) element.append(make("span", block.notes));
  const unsure = typeof block.confidence === "number" && block.confidence < SURE;
  const doubt = unsure ? `only ${Math.round(100 * block.confidence)} % sure` : "";
  if (unsure) element.classList.add("unsure");
  if (unsure) element.append(make("span", doubt, "doubt"));
  element.title = [block.name, times, block.notes, doubt].filter(Boolean).join("\n");
  return element;
}

// Blocks side by side where they overlap: each gets the first lane that is free, and shares its width with those that it
// hangs together with, not with the whole day.
function lanes(entries) {
  let group = [], end = 0;
  for (const entry of entries) {
    if (entry.from >= end) group = [];
    const taken = group.filter(other => other.to > entry.from).map(other => other.lane);
    entry.lane = 0;
    while (taken.includes(entry.lane)) entry.lane++;
    entry.group = group;
    group.push(entry);
    end = Math.max(end, entry.to);
  }
}

function day(name, blocks, first, last) {
  const column = make("div", undefined, "day"), hours = make("div", undefined, "hours"), rest = make("ul", undefined, "untimed");
  const timed = blocks.map(block => ({ block, from: minutes(block.startTime), to: minutes(block.endTime) }))
    .filter(entry => entry.to > entry.from).sort((a, b) => a.from - b.from);
  lanes(timed);
  for (const entry of timed) {
    const element = card(entry.block), count = Math.max(...entry.group.map(other => other.lane + 1));
    element.classList.toggle("short", entry.to - entry.from < SHORT);
    element.style.top = `${100 * (entry.from - first) / (last - first)}%`;
    element.style.height = `${100 * (entry.to - entry.from) / (last - first)}%`;
    element.style.left = `${100 * entry.lane / count}%`;
    element.style.width = `${100 / count}%`;
    hours.append(element);
  }
  hours.style.height = `${Math.min(90, Math.max(10, (last - first) / 10))}rem`;
  for (const block of blocks) if (!(minutes(block.endTime) > minutes(block.startTime))) {
    const item = make("li");
    item.append(card(block));
    rest.append(item);
  }
  column.append(make("h3", name), hours, rest);
  return column;
}

function week(timetable) {
  const figure = make("figure"), element = make("div", undefined, "week");
  const facts = [timetable.className, timetable.teacher, timetable.term, timetable.year, timetable.week, timetable.school];
  figure.append(make("figcaption", facts.filter(Boolean).join(" · ")), element);
  const times = timetable.timeblocks.flatMap(block => [minutes(block.startTime), minutes(block.endTime)]).filter(Number.isFinite);
  const first = times.length ? Math.min(...times) : 480, last = Math.max(first + 60, ...times);
  DAYS.forEach((name, index) => {
    const blocks = timetable.timeblocks.filter(block => block.day === name);
    if (index < 5 || blocks.length) element.append(day(name, blocks, first, last));
  });
  return figure;
}

async function save(path, name) {
  try {
    const link = make("a"), content = await (await ask(path)).blob();
    link.href = URL.createObjectURL(content);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  } catch (problem) {
    say(problem.message, true);
  }
}

// ---- its pages ----

// A page as the server draws it, with blocks and cells. An image cannot send a key, so it is fetched; one that was asked for before is
// not shown over a later one.
async function show(id, number) {
  const turn = ++turns;
  at("sheet-said").textContent = "Drawing …";
  try {
    const answer = await ask(`/api/v1/documents/${id}/pages/${number}.png?overlay=cells,blocks,confidences`);
    const image = make("img"), content = await answer.blob();
    if (turn !== turns) return;
    image.alt = `Page ${number}, with the blocks that were found`;
    image.src = URL.createObjectURL(content);
    image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
    at("picture").replaceChildren(image);
    at("sheet-said").textContent = "";
  } catch (problem) {
    if (turn === turns) at("sheet-said").textContent = problem.message;
  }
}

// They are drawn when somebody opens them, not before.
function offerPages(id, count) {
  const numbers = [...Array(Math.max(1, count)).keys()].map(index => index + 1);
  turns++; // what is on its way is another document's
  at("sheet").open = false;
  at("sheet").ontoggle = () => { if (at("sheet").open && !at("picture").hasChildNodes()) show(id, 1); };
  at("picture").replaceChildren();
  at("pages").replaceChildren(...(count > 1 ? numbers : []).flatMap(number => {
    const button = make("button", `Page ${number}`);
    button.type = "button";
    button.addEventListener("click", () => show(id, number));
    return [button, " "];
  }));
}

async function open(id) {
  try {
    const { timetables } = await (await ask(`/api/v1/timetables/${id}.json`)).json();
    const entry = await (await ask(`/api/v1/documents/${id}`)).json();
    at("result-title").textContent = entry.filename;
    at("facts").textContent = entry.status === "needs_review" ? "Please check what was read." : "";
    at("exports").replaceChildren(...["ics", "csv", "html", "json"].flatMap(form => {
      const button = make("button", form === "ics" ? "Calendar (.ics)" : form.toUpperCase());
      button.type = "button";
      button.addEventListener("click", () => save(`/api/v1/timetables/${id}.${form}`, `timetable.${form}`));
      return [button, " "];
    }));
    at("weeks").replaceChildren(...timetables.map(week));
    offerPages(id, entry.pages);
    at("result").hidden = false;
    at("result-title").focus();
  } catch (problem) {
    say(problem.message, true);
  }
}

// ---- what people do ----

at("upload").addEventListener("submit", event => {
  event.preventDefault();
  [...at("file").files].forEach(take);
  at("upload").reset();
});
at("access").addEventListener("submit", event => {
  event.preventDefault();
  key = at("key").value.trim();
  sessionStorage.setItem("key", key);
  at("access").hidden = true;
  say("");
  list();
});
at("more").addEventListener("click", () => list(true));
for (const kind of ["dragover", "dragleave", "drop"])
  document.addEventListener(kind, event => {
    event.preventDefault();
    document.body.classList.toggle("over", kind === "dragover");
    if (kind === "drop") [...event.dataTransfer.files].forEach(take);
  });
list().then(() => { if (location.hash) open(location.hash.slice(1)); });
