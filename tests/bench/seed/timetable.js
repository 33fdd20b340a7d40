// A timetable by its document from PostgreSQL, as Express and pg are used everywhere: the yardstick of the part `get` of
// tests/bench/gateway.        node timetable.js PORT DATABASE_URL
'use strict';
const express = require('express');
const { Pool } = require('pg');

const [, , port, connectionString] = process.argv;
const pool = new Pool({ connectionString });
const app = express();

app.get('/api/v1/timetables/:id', async (request, response) => {
  const found = await pool.query('SELECT * FROM timetables WHERE document_id = $1', [request.params.id]);
  if (found.rows[0]) response.json(found.rows[0]);
  else response.status(404).json({ error: 'Timetable not found' });
});

app.listen(Number(port), '127.0.0.1', () => console.log('ready'));
