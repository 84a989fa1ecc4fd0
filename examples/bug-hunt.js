export const meta = {
  name: 'bug-hunt',
  description: 'Hunts bugs from several starting points, round after round, until two rounds in a row find nothing new.',
  whenToUse: 'When you want to know how much is left to find.',
  phases: [{ title: 'Hunt' }, { title: 'Reproduce' }],
  args: {
    type: 'object',
    properties: {
      path: { type: 'string', default: 'crates', description: 'where to hunt' },
      rounds: { type: 'integer', minimum: 1, maximum: 20, default: 6, description: 'rounds at most' },
    },
  },
}

const { path = 'crates', rounds: roundsMax = 6 } = args ?? {}

const ANGLES = [
  'start from the public functions: which input breaks the promise of the documentation?',
  'start from the error paths: what is left half done when the second step fails?',
  'start from shared state: which two things may not happen at once, and who makes sure?',
  'start from limits: zero, one, the maximum, one past it, negative, not a number, very long',
]

const BUGS = {
  type: 'object',
  required: ['bugs'],
  properties: {
    bugs: {
      type: 'array',
      maxItems: 6,
      items: {
        type: 'object',
        required: ['file', 'line', 'what'],
        properties: {
          file: { type: 'string', maxLength: 200 },
          line: { type: 'integer', minimum: 1 },
          what: { type: 'string', maxLength: 300, description: 'the wrong behaviour in one sentence' },
        },
      },
    },
  },
}

const PROOF = {
  type: 'object',
  required: ['real', 'steps'],
  properties: {
    real: { type: 'boolean', description: 'true only with steps that somebody else can repeat' },
    steps: { type: 'string', maxLength: 800 },
  },
}

const seen = new Map()
const place = bug => `${bug.file}:${Math.round(bug.line / 10)}`
let dry = 0
let round = 0
let silent = 0

while (dry < 2 && round < roundsMax) {
  round += 1
  const known = [...seen.values()].map(bug => `- ${bug.file}:${bug.line} ${bug.what}`).join('\n') || '(none yet)'
  const hunts = await parallel(
    ANGLES.map((angle, i) => () =>
      agent(
        `Round ${round}. Hunt for bugs under \`${path}\`; ${angle}\nKnown already, do not report again:\n${known}\nReport only what you traced through the code. An empty list is a good answer.`,
        { label: `hunt ${round}.${i + 1}`, phase: 'Hunt', schema: BUGS, agentType: 'Explore' },
      ),
    ),
  )
  silent += hunts.filter(hunt => hunt === null).length
  const fresh = new Map()
  for (const bug of hunts.filter(Boolean).flatMap(hunt => hunt.bugs)) {
    if (!seen.has(place(bug))) fresh.set(place(bug), bug)
  }
  // A round in which nobody answered is no evidence of anything.
  if (hunts.every(hunt => hunt === null)) throw new Error(`round ${round}: no hunter answered`)
  dry = fresh.size === 0 ? dry + 1 : 0
  for (const [key, bug] of fresh) seen.set(key, bug)
  log(`round ${round}: ${fresh.size} new, ${seen.size} in all, ${dry} dry in a row`)
}

const proved = await parallel(
  [...seen.values()].map(bug => async () => {
    const proof = await agent(
      `Somebody says that \`${bug.file}\` line ${bug.line} is wrong: ${bug.what}\nWrite down the exact steps that show it, or say that it is not real.`,
      { label: `reproduce:${bug.file}:${bug.line}`, phase: 'Reproduce', schema: PROOF, agentType: 'Explore' },
    )
    return { ...bug, real: proof?.real ?? null, steps: proof?.steps ?? '' }
  }),
)

return {
  rounds: round,
  ended: dry >= 2 ? 'two dry rounds' : 'the round limit',
  bugs: proved.filter(bug => bug?.real),
  notReproduced: proved.filter(bug => bug && bug.real === false).length,
  unchecked: proved.filter(bug => !bug || bug.real === null).length,
  hunters_lost: silent,
}
