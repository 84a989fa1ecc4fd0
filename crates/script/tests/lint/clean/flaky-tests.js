export const meta = {
  name: 'find-flaky-tests',
  description: 'Find flaky tests and propose fixes',
  phases: [
    { title: 'Scan', detail: 'grep test logs for retries' },
    { title: 'Fix', detail: 'one agent per flaky test' },
  ],
}

const FLAKY_SCHEMA = {
  type: 'object',
  properties: {
    tests: {
      type: 'array',
      maxItems: 30,
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, file: { type: 'string' }, why: { type: 'string' } },
        required: ['name', 'file'],
      },
    },
  },
  required: ['tests'],
}

phase('Scan')
const flaky = await agent('Grep the CI logs for retry markers and list the tests behind them.', { schema: FLAKY_SCHEMA })
if (!flaky || flaky.tests.length === 0) {
  log('nothing flaky found')
  return { fixes: [], failures: failures() }
}

phase('Fix')
const fixes = await parallel(
  flaky.tests.map(t => () =>
    agent(`Propose a fix for the flaky test ${t.name} in ${t.file}. Suspected cause: ${t.why ?? 'unknown'}`, {
      label: `fix:${t.name}`,
    }),
  ),
)
return {
  fixes: flaky.tests.map((t, i) => ({ test: t.name, fix: fixes[i] })),
  lost: fixes.filter(f => f === null).length,
}
