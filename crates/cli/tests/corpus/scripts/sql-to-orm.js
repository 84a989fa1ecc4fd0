export const meta = {
  name: 'sql-to-orm',
  description: 'Port raw SQL to the query builder: extract, convert, compare plans, land in small batches',
  phases: [{ title: 'Extract' }, { title: 'Convert' }, { title: 'Compare' }],
}

// args came from a shell script: a JSON text in a string.
const { tables, dialect } = args
const LIKE = String.raw`LIKE '%\_%' ESCAPE '\'`
const PROMPT = table => `Find every raw ${dialect} statement on the table \`${table}\`.

Watch out for:
- string concatenation:  "SELECT * FROM ${table} WHERE id = " + id
- escapes such as        ${LIKE}
- dynamic ORDER BY (\${column} in a template)

Answer with the statements only.`

const STATEMENTS = {
  type: 'object',
  properties: {
    statements: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: { type: 'string', pattern: '^[a-z]+-[0-9]+$' },
          kind: { enum: ['select', 'insert', 'update', 'delete'] },
          file: { type: 'string' },
          dynamic: { type: 'boolean' },
        },
        required: ['id', 'kind', 'file', 'dynamic'],
      },
      maxItems: 6,
    },
  },
  required: ['statements'],
}

phase('Extract')
const extracted = await pipeline(
  tables,
  table => agent(PROMPT(table), { label: `extract ${table}`, schema: STATEMENTS }),
  (r, table) => r.statements.map(s => ({ ...s, table })),
)
const all = extracted.flatMap(list => list ?? [])
const unique = [...new Map(all.map(s => [`${s.table}/${s.id}`, s])).values()]
const { static: plain = [], dynamic = [] } = Object.groupBy(unique, s => (s.dynamic ? 'dynamic' : 'static'))

phase('Convert')
const convert = s =>
  agent(
    `Convert ${s.kind} ${s.id} in ${s.file} to the query builder.${s.dynamic ? ' Its SQL is built at run time: list all shapes first.' : ''}`,
    { label: `convert ${s.table}/${s.id}`, phase: 'Convert', effort: s.dynamic ? 'high' : undefined },
  )
const converted = []
for (const batch of [plain, dynamic]) {
  const done = await parallel(batch.map(s => () => convert(s)))
  converted.push(...batch.map((s, i) => ({ s, ok: done[i] !== null })))
}

phase('Compare')
const compared = await parallel(
  converted
    .filter(c => c.ok && c.s.kind === 'select')
    .map(({ s }) => async () => {
      const r = await agent(`EXPLAIN both versions of ${s.id}. Same plan?`, {
        label: `explain ${s.id}`,
        schema: { type: 'object', properties: { same: { type: 'boolean' } }, required: ['same'] },
      })
      return r?.same ?? false
    }),
)
return {
  tables: tables.length,
  statements: unique.length,
  dynamic: dynamic.length,
  converted: converted.filter(c => c.ok).length,
  samePlan: compared.filter(Boolean).length,
  differing: compared.filter(x => x === false).length,
}
