export const meta = {
  name: 'unicode-regress',
  description: 'Finds text handling that breaks on real names: ǅ, ß, İ, combining marks, surrogates 🏳️‍🌈',
  phases: [{ title: 'Probe' }],
}

const NAMES = [
  'Ǆorđe',
  'Strauß',
  'İbrahim',
  'Zoe\u0308',
  'Nguyễn Ánh',
  'محمد',
  '𠮷野家',
  'O’Neill',
  '👩🏽‍🚀',
  'ﬁancé',
]
const probes = NAMES.map(n => ({
  n,
  upper: n.toUpperCase(),
  nfc: n.normalize('NFC').length,
  points: [...n].length,
  words: n.match(/[\p{L}\p{M}]+/gu)?.length ?? 0,
  wellFormed: n.isWellFormed(),
}))
const reversed = [...NAMES[8]].reverse().join('')
const sorted = NAMES.toSorted((a, b) => (a < b ? -1 : 1))
const half = '👩'.slice(0, 1)

const answers = await parallel(
  NAMES.map(
    (n, i) => () =>
      agent(`Does sign-up accept the name «${n}»? ${half.toWellFormed()} Try it and quote what is stored.`, {
        label: `${i} ${n}`,
        schema: {
          type: 'object',
          properties: { stored: { type: 'string' }, intact: { type: 'boolean' } },
          required: ['stored', 'intact'],
        },
      }),
  ),
)
return {
  broken: NAMES.filter((_, i) => answers[i]?.intact === false),
  lost: answers.flatMap((a, i) => (a === null ? [NAMES[i]] : [])),
  probes: probes.map(p => [p.upper, p.nfc, p.points, p.words]),
  first: sorted[0],
  reversed: reversed.length,
  half,
}
