export const meta = {
  name: 'first-good-answer',
  description: 'Ask three differently minded agents, take whoever is first; then any that is good; then all',
}

const question = 'Why does the nightly build fail on Windows only?'
const MINDS = ['a build engineer', 'a Windows kernel developer', 'somebody who reads only the logs']

const ask = (mind, i) => agent(`You are ${mind}. ${question}`, { label: `mind-${i}`, timeoutMs: 30 * 60_000 })

// Whoever comes first; which one that is decides nothing below.
const first = await Promise.race(MINDS.map(ask))
log(`first word: ${first === null ? 'nothing' : `${first.length > 0 ? 'an answer' : 'an empty answer'}`}`)

const good = await Promise.any(
  MINDS.map((mind, i) =>
    agent(`As ${mind}, propose ONE experiment that would tell why. ${question}`, {
      label: `experiment-${i}`,
    }).then(text => {
      if (!text) throw new Error(`${mind} has no idea`)
      return text
    }),
  ),
).catch(error => {
  log(`nobody: ${error.name}, ${error.errors.length} reasons`)
  return null
})

const timeout = new Promise(resolve => setTimeout(() => resolve('timeout'), 24 * 3600 * 1000))
const all = await Promise.race([
  Promise.all(
    MINDS.map((m, i) =>
      agent(`Confirm or deny as ${m}: the path is longer than 260 characters.`, { label: `confirm-${i}` }),
    ),
  ),
  timeout,
])

return {
  anyFirst: typeof first,
  anyGood: good !== null,
  all: Array.isArray(all) ? all.map(a => (a === null ? null : 'text')) : all,
}
