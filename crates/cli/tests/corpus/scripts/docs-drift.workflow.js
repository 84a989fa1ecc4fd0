export const meta = {
  name: 'docs-drift-audit',
  description:
    'Compare every documented flag, endpoint and setting with the code; propose corrections — «docs don’t lie»',
  phases: [{ title: 'Collect' }, { title: 'Compare' }, { title: 'Correct' }],
}

const SOURCES = [
  { doc: 'README.md', code: 'src/cli.ts', kind: 'flag', pattern: String.raw`--[a-z][a-z-]+\b` },
  {
    doc: 'docs/api.md',
    code: 'src/routes/',
    kind: 'endpoint',
    pattern: String.raw`(GET|POST|PUT|DELETE)\s+/\S+`,
  },
  {
    doc: 'docs/config.md',
    code: 'src/config.ts',
    kind: 'setting',
    pattern: String.raw`\b[A-Z][A-Z0-9_]{3,}\b`,
  },
]

const ITEM = {
  type: 'object',
  required: ['items'],
  properties: { items: { type: 'array', items: { type: 'string', description: 'name as documented' } } },
}

const collect = s =>
  parallel([
    () =>
      agent(`List every ${s.kind} documented in ${s.doc}. Hint: \`${s.pattern}\``, {
        label: `doc:${s.kind}`,
        phase: 'Collect',
        schema: ITEM,
      }),
    () =>
      agent(`List every ${s.kind} that really exists in ${s.code}. Hint: \`${s.pattern}\``, {
        label: `code:${s.kind}`,
        phase: 'Collect',
        schema: ITEM,
      }),
  ])

const drift = await pipeline(
  SOURCES,
  collect,
  ([documented, real], s) => {
    if (!documented || !real)
      throw new Error(`cannot compare ${s.kind}s: ${documented ? 'code' : 'docs'} side missing`)
    const a = new Set(documented.items)
    const b = new Set(real.items)
    return { kind: s.kind, undocumented: [...b.difference(a)], stale: [...a.difference(b)] }
  },
  async (d, s) => {
    const total = d.undocumented.length + d.stale.length
    if (total === 0) return { ...d, patch: 'none needed' }
    const patch = await agent(
      `Update ${s.doc}.\nAdd: ${d.undocumented.join(', ') || '—'}\nRemove: ${d.stale.join(', ') || '—'}\nKeep the tone of the page.`,
      { label: `patch:${s.kind}`, phase: 'Correct', isolation: 'worktree' },
    )
    return { ...d, patch: patch === null ? 'failed' : 'proposed' }
  },
)

const lost = failures().filter(f => f.message.includes('cannot compare'))
return {
  compared: drift
    .filter(Boolean)
    .map(d => `${d.kind}: +${d.undocumented.length} -${d.stale.length} (${d.patch})`),
  notCompared: lost.length,
}
