export const meta = {
  name: 'paper-reproduction',
  description: 'Reproduces the tables of a paper: extract, implement, run, compare within tolerance',
  phases: [{ title: 'Extract' }, { title: 'Run' }, { title: 'Compare' }],
}

const { paper, tolerance = 0.05, tables: only } = args
const TABLE = {
  type: 'object',
  properties: {
    tables: {
      type: 'array',
      maxItems: 4,
      items: {
        type: 'object',
        properties: {
          id: { type: 'integer', minimum: 1, maximum: 20 },
          cells: {
            type: 'array',
            maxItems: 6,
            items: {
              type: 'object',
              properties: { metric: { type: 'string' }, value: { type: 'number', minimum: 0, maximum: 100 } },
              required: ['metric', 'value'],
            },
          },
        },
        required: ['id', 'cells'],
      },
    },
  },
  required: ['tables'],
}

phase('Extract')
const extracted = await agent(
  `Extract all result tables of ${new URL(paper).pathname.split('/').pop()} (${paper}).`,
  { label: 'extract', schema: TABLE },
)
const tables = (extracted?.tables ?? []).filter(t => !only || only.includes(t.id))
const relative = (a, b) => Math.abs(a - b) / Math.max(Math.abs(b), Number.EPSILON)

const compared = await pipeline(
  tables,
  t =>
    agent(
      `Implement and run the experiment behind table ${t.id}. Metrics: ${t.cells.map(c => c.metric).join(', ') || '—'}.`,
      {
        label: `run table ${t.id}`,
        phase: 'Run',
        isolation: 'worktree',
        timeoutMs: 4 * 3600e3,
        schema: {
          type: 'object',
          properties: {
            values: { type: 'array', items: { type: 'number', minimum: 0, maximum: 100 }, maxItems: 6 },
          },
          required: ['values'],
        },
      },
    ),
  (r, t) =>
    t.cells.map((c, i) => ({
      ...c,
      got: r.values[i] ?? null,
      within: r.values[i] !== undefined && relative(r.values[i], c.value) <= tolerance,
    })),
)
const cells = compared.filter(Boolean).flat()
phase('Compare')
const verdict = cells.length
  ? await agent(
      `Judge the reproduction:\n${cells.map(c => `${c.metric}\t${c.value}\t${c.got}`).join('\n')}`,
      { label: 'judge' },
    )
  : null
return {
  host: new URL(paper).host,
  tables: tables.length,
  cells: cells.length,
  missing: cells.filter(c => c.got === null).length,
  judged: verdict !== null,
}
