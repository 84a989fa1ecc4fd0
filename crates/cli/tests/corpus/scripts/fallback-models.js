export const meta = {
  name: 'fallback-models',
  description: 'Try a cheap pass first, escalate what is doubtful; try/catch around everything',
  phases: [{ title: 'Cheap' }, { title: 'Careful' }],
}

const files = ['auth/session.go', 'auth/token.go', 'billing/invoice.go', 'billing/tax.go', 'search/index.go']
const DOUBT = {
  type: 'object',
  properties: { verdict: { enum: ['clean', 'doubtful', 'broken'] }, why: { type: 'string' } },
  required: ['verdict', 'why'],
}

phase('Cheap')
let cheap
try {
  cheap = await parallel(
    files.map(
      f => () => agent(`Skim ${f} for mistakes.`, { label: `skim ${f}`, effort: 'low', schema: DOUBT }),
    ),
  )
} catch (error) {
  // parallel() never rejects; a list that is none does.
  return { unreachable: error.message }
}

phase('Careful')
const careful = {}
for (const [i, f] of files.entries()) {
  if (cheap[i]?.verdict === 'clean') {
    careful[f] = 'clean (cheap)'
    continue
  }
  try {
    const r = await agent(
      `Read ${f} line by line. A first look said: ${cheap[i]?.verdict ?? 'nothing, it was lost'}.`,
      { label: `read ${f}`, effort: 'xhigh', maxTurns: 40, stallMs: 90_000, schema: DOUBT },
    )
    careful[f] = r === null ? 'lost twice' : `${r.verdict} (careful)`
  } catch (error) {
    careful[f] = `error: ${error.message}`
  } finally {
    log(`${f}: ${careful[f]}`)
  }
}

const misuse = []
for (const attempt of [
  () => parallel([agent('started too early', { label: 'early' })]),
  () => parallel('files'),
  () => parallel([1]),
  () => pipeline(5, x => x),
  () => pipeline([1], 'stage'),
]) {
  try {
    await attempt()
    misuse.push('accepted')
  } catch (error) {
    misuse.push(error.name)
  }
}
return { careful, misuse }
