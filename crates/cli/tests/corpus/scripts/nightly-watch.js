export const meta = {
  name: 'nightly-watch',
  description:
    'Polls a deployment for hours of simulated time, escalates on the second bad reading, cleans up its timers',
}

const EVERY = 15 * 60_000
const readings = []
let cancelled = 0
const wait = ms => {
  let id
  const promise = new Promise(resolve => {
    id = setTimeout(resolve, ms, 'tick')
  })
  return { promise, cancel: () => (clearTimeout(id), cancelled++) }
}
const began = now()
let bad = 0
for (let i = 0; i < 6 && bad < 2; i++) {
  const tick = await wait(EVERY).promise
  const guard = wait(EVERY * 10)
  const r = await Promise.race([
    agent(`Reading ${i + 1}: check the dashboards. Healthy?`, {
      label: `reading ${i + 1}`,
      schema: { type: 'object', properties: { healthy: { type: 'boolean' } }, required: ['healthy'] },
    }),
    guard.promise,
  ])
  guard.cancel()
  readings.push(r === 'tick' ? 'late' : r === null ? 'lost' : r.healthy ? 'ok' : 'bad')
  bad = r?.healthy === false ? bad + 1 : 0
  if (tick !== 'tick') throw new Error(`a timer handed on ${tick}`)
}
const escalation =
  bad >= 2 ? await agent('Two bad readings in a row: write the page for on-call.', { label: 'page' }) : 'none'
await new Promise(resolve => setTimeout(resolve, 0)).then(() => queueMicrotask(() => readings.push('end')))
return {
  readings,
  cancelled,
  escalated: escalation !== 'none',
  waitedLongEnough: now() - began >= readings.length * 60_000,
}
