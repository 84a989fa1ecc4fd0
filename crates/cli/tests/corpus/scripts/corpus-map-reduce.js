export const meta = {
  name: 'interview-map-reduce',
  description: 'Map: code each interview transcript. Reduce: merge the codes pairwise into themes.',
  phases: [{ title: 'Map' }, { title: 'Reduce' }],
  args: { type: 'array', items: { type: 'string' } },
}

// args is an array of transcript paths.
const transcripts = args.map((path, index) => ({ path, index }))

const CODES = {
  type: 'object',
  properties: {
    codes: {
      type: 'array',
      items: {
        type: 'object',
        properties: { code: { type: 'string' }, quote: { type: 'string' } },
        required: ['code'],
      },
    },
    sentiment: { type: 'number', minimum: -1, maximum: 1 },
  },
  required: ['codes', 'sentiment'],
}

phase('Map')
const mapped = await pipeline(
  transcripts,
  t =>
    agent(`Open-code the interview transcript ${t.path}. At most ten codes, each with a verbatim quote.`, {
      label: `code:${t.path}`,
      phase: 'Map',
      schema: CODES,
    }),
  (coded, t) => ({ path: t.path, themes: coded.codes.map(c => c.code), sentiment: coded.sentiment }),
)

const usable = mapped.filter(Boolean)
log(`${usable.length}/${transcripts.length} transcripts coded`)
if (usable.length === 0) return { themes: null, coded: 0 }

phase('Reduce')
let level = usable.map(u => u.themes.join('; ') || '(no codes)')
let depth = 0
while (level.length > 1) {
  depth += 1
  const next = []
  for (let i = 0; i < level.length; i += 2) next.push(level.slice(i, i + 2))
  const merged = await parallel(
    next.map((group, i) => async () => {
      if (group.length === 1) return group[0]
      return (
        (await agent(
          `Merge these theme lists, keep contradictions visible:\n\n1) ${group[0]}\n2) ${group[1]}`,
          { label: `merge ${depth}.${i}` },
        )) ?? group.join('; ')
      )
    }),
  )
  level = merged
}

const mean = usable.reduce((sum, u) => sum + u.sentiment, 0) / usable.length
return {
  coded: usable.length,
  depth,
  themesKnown: level[0].length > 0,
  sentimentKnown: Number.isFinite(mean),
  lost: failures().length,
}
