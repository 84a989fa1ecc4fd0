export const meta = {
  name: 'prompt-eval',
  description: 'Evaluates prompt variants on a fixed set of cases; blind, shuffled with the journaled dice',
  phases: [{ title: 'Run' }, { title: 'Grade' }],
}

const VARIANTS = {
  terse: c => `Answer in one word: ${c}`,
  polite: c => `Would you please answer: ${c} 🙏`,
  cot: c => `Think step by step, then answer: ${c}`,
}
const CASES = [
  'Is 2^31-1 prime?',
  '¿Cuál es la capital de Burkina Faso?',
  'Wie viele Buchstaben hat „Straße“?',
]

const shuffle = list => {
  const a = [...list]
  for (let i = a.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[a[i], a[j]] = [a[j], a[i]]
  }
  return a
}
phase('Run')
const runs = await parallel(
  Object.keys(VARIANTS).flatMap(v =>
    CASES.map((c, i) => async () => ({
      v,
      i,
      text: await agent(VARIANTS[v](c), { label: `${v}/${i}`, temperature: 0 }),
    })),
  ),
)

phase('Grade')
const grades = await parallel(
  CASES.map((c, i) => async () => {
    const answers = shuffle(runs.filter(r => r.i === i && r.text !== null))
    if (answers.length < 2) return null
    const g = await agent(
      `Question: ${c}\n${answers.map((a, k) => `(${k + 1}) ${a.text}`).join('\n')}\nWhich answers are correct? Numbers only.`,
      {
        label: `grade ${i}`,
        schema: {
          type: 'object',
          properties: {
            correct: {
              type: 'array',
              items: { type: 'integer', minimum: 1, maximum: answers.length },
              uniqueItems: true,
            },
          },
          required: ['correct'],
        },
      },
    )
    return g && g.correct.map(k => answers[k - 1].v)
  }),
)
const valid = grades.filter(Boolean)
return {
  runs: runs.filter(r => r.text !== null).length,
  graded: valid.length,
  onlyKnown: valid.flat().every(v => v in VARIANTS),
  anyCorrect: valid.flat().length > 0,
  shuffled: shuffle([1, 2, 3, 4]).toSorted().join(''),
}
