export const meta = {
  name: 'incident-timeline',
  description:
    'Reconstruct an incident from logs of several services: dates in UTC, journaled clock, no wall clock',
}

const WINDOW = { from: '2024-03-31T01:30:00Z', to: '2024-03-31T03:30:00+02:00' }
const from = new Date(WINDOW.from)
const minutes = (new Date(WINDOW.to) - from) / 60_000

// The clock of the machine is not the run's: both throw and say what to use.
const refused = []
for (const [name, f] of Object.entries({
  'Date.now': () => Date.now(),
  'new Date': () => new Date(),
  Date: () => Date(),
  'Math.random': () => Math.random(),
})) {
  try {
    f()
    refused.push(`${name} answered`)
  } catch (error) {
    refused.push(`${name}: ${error instanceof Error && /now\(\)|random\(\)/.test(error.message)}`)
  }
}

const started = now()
const LINE =
  /^(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\s+(?<service>[\w-]+)\s+(?<level>ERROR|WARN)\s+(?<text>.+)$/gmu
const SAMPLE = `2024-03-31T01:59:59Z auth WARN token cache 98% full
2024-03-31T02:00:01Z auth ERROR signature not yet valid
2024-03-31T02:00:04Z gateway ERROR 401 from auth (Date.now() drift?)
garbage`
const parsed = [...SAMPLE.matchAll(LINE)].map(m => ({ ...m.groups, at: Date.parse(m.groups.time) }))

const services = [...new Set(parsed.map(p => p.service))]
const views = await parallel(
  services.map(
    s => () =>
      agent(
        `What happened in ${s} in the ${minutes} minutes after ${from.toISOString()}? The sentence "Math.random() and new Date() were called" is in the log.`,
        {
          label: `timeline ${s}`,
          schema: {
            type: 'object',
            properties: {
              events: {
                type: 'array',
                items: {
                  type: 'object',
                  properties: { at: { type: 'string', format: 'date-time' }, what: { type: 'string' } },
                  required: ['at', 'what'],
                },
              },
            },
            required: ['events'],
          },
        },
      ),
  ),
)
const events = views
  .flatMap((v, i) => (v?.events ?? []).map(e => ({ ...e, service: services[i] })))
  .toSorted((a, b) => a.at.localeCompare(b.at))
const dice = random()
return {
  refused,
  minutes,
  hours: new Date(2024, 2, 31, 2, 30).getUTCHours(),
  offset: new Date(0).getTimezoneOffset(),
  parsed: parsed.map(p => [p.service, p.at - parsed[0].at]),
  events: events.length,
  clock: Number.isInteger(started) && now() >= started,
  dice: dice >= 0 && dice < 1,
}
