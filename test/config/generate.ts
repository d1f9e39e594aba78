// Writes what is made from the settings: config.schema.json and the tables in docs/configuration.md.
//   node --import tsx test/config/generate.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fillTables, jsonSchema } from '../../src/config/reference.ts'

const root = join(import.meta.dirname, '..', '..')
const docs = join(root, 'docs', 'configuration.md')

writeFileSync(join(root, 'config.schema.json'), `${JSON.stringify(jsonSchema(), null, 2)}\n`)
writeFileSync(docs, fillTables(readFileSync(docs, 'utf8')))
