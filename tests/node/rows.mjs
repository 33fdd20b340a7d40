// A program of the first schema's time beside a gateway: it writes a document's row by itself, waits until somebody has read
// the document, and reads the timetable, all by the statements that such programs have.
//
//     DATABASE_URL=postgresql://… node rows.mjs ID FILE_SIZE
//
// Prints the new row as JSON; then, when a line has come on the standard input, the row and the timetables as they are.
import { once } from 'node:events'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 })

class DocumentModel {
  async create(doc) {
    const result = await pool.query(
      `
      INSERT INTO documents (id, filename, file_path, file_type, file_size, status)
      VALUES ($1, $2, $3, $4, $5, $6)
      RETURNING *
    `,
      [doc.id, doc.filename, doc.file_path, doc.file_type, doc.file_size, doc.status],
    )
    return result.rows[0]
  }
}

const [id, size] = process.argv.slice(2)
const row = await new DocumentModel().create({
  id,
  filename: 'week.png',
  file_path: `uploads/${id}.png`,
  file_type: 'image',
  file_size: size === 'null' ? null : Number(size),
  status: 'uploaded',
})
console.log(JSON.stringify(row))
await once(process.stdin, 'data')
const document = (await pool.query('SELECT * FROM documents WHERE id = $1', [id])).rows[0]
const timetables = (await pool.query('SELECT * FROM timetables WHERE document_id = $1', [id])).rows
const jobs = (await pool.query('SELECT job_type, status FROM processing_jobs WHERE document_id = $1 ORDER BY job_type', [id])).rows
console.log(JSON.stringify({ document, timetables, jobs, isDate: document.created_at instanceof Date }))
await pool.end()
process.exit(0)
