export const meta = {
  name: 'podcast-notes',
  description:
    'Show notes from a transcript: chapters, quotes, corrections; the transcript comes as a plain text in `args`',
}

const transcript = String(args)
const STAMP = /\[(?<h>\d{1,2}):(?<m>\d{2})(?::(?<s>\d{2}))?\]\s*(?<who>[\p{L}’ .-]+):\s/gu
const turns = [...transcript.matchAll(STAMP)].map((m, i, all) => ({
  who: m.groups.who.trim(),
  at: Number(m.groups.h) * 3600 + Number(m.groups.m) * 60 + Number(m.groups.s ?? 0),
  text: transcript.slice(m.index + m[0].length, all[i + 1]?.index).trim(),
}))
const speakers = turns.reduce((map, t) => map.set(t.who, (map.get(t.who) ?? 0) + t.text.length), new Map())
const clock = s =>
  [s / 3600, (s / 60) % 60, s % 60].map(x => String(Math.floor(x)).padStart(2, '0')).join(':')

const [chapters, quotes, facts] = await Promise.all([
  agent(`Divide into chapters:\n${turns.map(t => `${clock(t.at)} ${t.text}`).join('\n')}`, {
    label: 'chapters',
  }),
  agent(`Pick the best quote of each of ${[...speakers.keys()].join(' & ')}.`, { label: 'quotes' }),
  agent('Which statements are wrong or outdated?', {
    label: 'fact check',
    schema: {
      type: 'object',
      properties: { errors: { type: 'array', items: { type: 'string' } } },
      required: ['errors'],
    },
  }),
])
return {
  turns: turns.length,
  speakers: [...speakers].toSorted((a, b) => b[1] - a[1]).map(([who]) => who),
  last: clock(turns.at(-1)?.at ?? 0),
  chapters: chapters !== null,
  quotes: quotes !== null,
  corrections: facts?.errors.length ?? null,
}
