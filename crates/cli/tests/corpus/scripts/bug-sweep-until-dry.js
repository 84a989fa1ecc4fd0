export const meta = {
  name: 'bug-sweep',
  description: 'Keep sweeping subsystems for bugs until two consecutive rounds turn up nothing new 🐛',
  phases: [{ title: 'Sweep' }, { title: 'Triage' }],
}

// Loop until dry: a round that adds nothing counts towards the end, three lost agents in a round do not.
const SUBSYSTEMS = ['parser', 'scheduler', 'storage', 'network', 'cli']
const MAX_ROUNDS = 5
const seen = new Set()
const bugs = []
let dry = 0
let round = 0

const fingerprint = b => `${b.file.toLowerCase()}#${b.symbol ?? '?'}`

while (dry < 2 && round < MAX_ROUNDS) {
  round++
  phase('Sweep')
  const results = await parallel(
    SUBSYSTEMS.map(
      s => () =>
        agent(
          `Round ${round}: look for bugs in the ${s} subsystem. Already known (do not repeat):\n${[...seen].sort().join('\n') || '— none —'}`,
          {
            label: `sweep-${s}-r${round}`,
            schema: {
              type: 'object',
              properties: {
                bugs: {
                  type: 'array',
                  maxItems: 4,
                  items: {
                    type: 'object',
                    properties: {
                      file: { type: 'string' },
                      symbol: { type: 'string' },
                      why: { type: 'string' },
                    },
                    required: ['file', 'why'],
                  },
                },
              },
              required: ['bugs'],
            },
          },
        ),
    ),
  )
  const lost = results.filter(r => r === null).length
  const before = seen.size
  collect: for (const result of results) {
    if (!result) continue collect
    for (const bug of result.bugs) {
      const key = fingerprint(bug)
      if (seen.has(key)) continue collect
      seen.add(key)
      bugs.push({ ...bug, round })
    }
  }
  const fresh = seen.size - before
  log(`round ${round}: +${fresh} (${lost} agents lost)`)
  if (fresh === 0 && lost < 3) dry++
  else if (lost >= SUBSYSTEMS.length) break
  else dry = 0
}

phase('Triage')
const perRound = new Map()
for (const b of bugs) perRound.set(b.round, (perRound.get(b.round) ?? 0) + 1)

const summary = bugs.length
  ? await agent(
      `Triage these ${bugs.length} bugs into must-fix / should-fix / won't-fix:\n${bugs.map(b => `* ${b.file}: ${b.why}`).join('\n')}`,
      { label: 'triage' },
    )
  : 'nothing found'

return {
  rounds: round,
  found: bugs.length,
  perRound: [...perRound],
  triaged: summary !== null,
  ended: dry >= 2 ? 'dry' : round >= MAX_ROUNDS ? 'round limit' : 'nobody answered',
}
