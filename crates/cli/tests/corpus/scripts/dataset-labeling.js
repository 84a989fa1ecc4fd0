export const meta = {
  name: 'dataset-labeling',
  description: 'Labels samples with three annotators, measures agreement, adjudicates disagreements',
  phases: [{ title: 'Annotate' }, { title: 'Adjudicate' }],
}

const samples = [
  'The update broke my printer.',
  '最高のアプリです!',
  'Funktioniert, aber langsam.',
  'Meh.',
  'Ça marche très bien 👍',
  'Никогда больше',
]
const LABELS = ['positive', 'neutral', 'negative']
const ANNOTATION = {
  type: 'object',
  properties: { label: { enum: LABELS }, confidence: { type: 'number', minimum: 0, maximum: 1 } },
  required: ['label', 'confidence'],
}

phase('Annotate')
const annotated = await pipeline(samples, (text, _item, i) =>
  Promise.all(
    [0, 1, 2].map(a =>
      agent(`Annotator ${a}: label the sentiment.\n\n${text}`, { label: `s${i}a${a}`, schema: ANNOTATION }),
    ),
  ),
)
const agreement = annotated.map(votes => {
  const cast = votes.filter(Boolean)
  const counts = cast.reduce((m, v) => m.set(v.label, (m.get(v.label) ?? 0) + 1), new Map())
  const [top] = [...counts].toSorted(([, a], [, b]) => b - a)
  return { cast: cast.length, label: top?.[0] ?? null, share: cast.length ? top[1] / cast.length : 0 }
})

phase('Adjudicate')
const doubtful = agreement.flatMap((a, i) => (a.share < 0.67 || a.cast < 2 ? [i] : []))
const rulings = await parallel(
  doubtful.map(
    i => () =>
      agent(`Adjudicate: "${samples[i]}"`, { label: `adjudicate ${i}`, schema: ANNOTATION, effort: 'high' }),
  ),
)
doubtful.forEach((i, k) => {
  agreement[i].label = rulings[k]?.label ?? agreement[i].label
})
const histogram = {}
for (const { label } of agreement) histogram[label ?? 'none'] = (histogram[label ?? 'none'] ?? 0) + 1
return { histogram, doubtful: doubtful.length, agreement: agreement.map(a => Math.round(a.share * 100)) }
