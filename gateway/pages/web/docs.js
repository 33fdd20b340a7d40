// Shows /api/openapi.json.
"use strict";

function make(tag, text, name) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (name) element.className = name;
  return element;
}

const resolve = (api, part) => (part.$ref ? part.$ref.slice(2).split("/").reduce((value, name) => value[name], api) : part);
const last = reference => reference.split("/").pop();

function schema(part) {
  if (!part) return "";
  if (part.$ref) return last(part.$ref);
  if (part.type === "array") return `array of ${schema(part.items)}`;
  return Array.isArray(part.type) ? part.type.join(" or ") : part.type || "any";
}

function parameters(api, list) {
  const table = make("table");
  for (const one of list.map(part => resolve(api, part))) {
    const line = make("tr");
    line.append(make("td", one.name), make("td", one.in + (one.required ? ", required" : "")), make("td", schema(one.schema)),
      make("td", one.description || ""));
    table.append(line);
  }
  return table;
}

function answers(api, list) {
  const table = make("table");
  for (const [status, part] of Object.entries(list)) {
    const answer = resolve(api, part), line = make("tr");
    const kinds = Object.entries(answer.content || {}).map(([media, content]) => `${media}: ${schema(content.schema)}`).join("; ");
    line.append(make("td", status), make("td", answer.description), make("td", kinds));
    table.append(line);
  }
  return table;
}

function route(api, path, method, operation, shared) {
  const given = [...shared, ...(operation.parameters || [])];
  const element = make("details", undefined, "route"), head = make("summary");
  head.append(make("span", method.toUpperCase(), "method"), make("code", path), ` ${operation.summary}`);
  element.append(head);
  if (operation.description) element.append(make("p", operation.description));
  if (given.length) element.append(make("h3", "Parameters"), parameters(api, given));
  for (const [media, content] of Object.entries((operation.requestBody || {}).content || {}))
    element.append(make("h3", `Body: ${media}`), make("pre", JSON.stringify(content.schema, null, 2)));
  element.append(make("h3", "Answers"), answers(api, operation.responses));
  return element;
}

fetch("/api/openapi.json").then(answer => answer.json()).then(api => {
  document.getElementById("about").textContent = api.info.description;
  for (const [path, { parameters: shared = [], ...methods }] of Object.entries(api.paths))
    for (const [method, operation] of Object.entries(methods))
      document.getElementById("routes").append(route(api, path, method, operation, shared));
  for (const [name, part] of Object.entries(api.components.schemas)) {
    const element = make("details", undefined, "route");
    element.append(make("summary", name), make("pre", JSON.stringify(part, null, 2)));
    document.getElementById("schemas").append(element);
  }
});
