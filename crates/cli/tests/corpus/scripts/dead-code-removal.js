export const meta = {
  name: 'dead-code-removal',
  description: 'Removes dead code export by export; a failing test run puts the export back on the list once',
  phases: [{ title: 'Find' }, { title: 'Remove' }],
}

phase('Find')
const seen = new Set()
const found = (
  await parallel(
    ['unused exports', 'unreachable branches', 'feature flags that are always on'].map(
      kind => () =>
        agent(`Find ${kind}. Ignore generated code.`, {
          label: kind,
          schema: {
            type: 'object',
            properties: {
              candidates: {
                type: 'array',
                maxItems: 6,
                items: {
                  type: 'object',
                  properties: { symbol: { type: 'string' }, file: { type: 'string' } },
                  required: ['symbol', 'file'],
                },
              },
            },
            required: ['candidates'],
          },
        }),
    ),
  )
)
  .flatMap(r => r?.candidates ?? [])
  .filter(c => !seen.has(`${c.file}:${c.symbol}`) && seen.add(`${c.file}:${c.symbol}`))

phase('Remove')
const queue = found.map(c => ({ ...c, tries: 0 }))
const removed = []
const kept = []
next: while (queue.length) {
  const c = queue.shift()
  for (const step of ['remove', 'test']) {
    const r = await agent(
      step === 'remove'
        ? `Delete \`${c.symbol}\` from ${c.file} and everything only it used.`
        : `Run the tests that import ${c.file}. Green?`,
      {
        label: `${step} ${c.symbol} (${c.tries + 1})`,
        phase: 'Remove',
        schema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
      },
    )
    if (r?.ok) continue
    if (++c.tries < 2) queue.push(c)
    else kept.push(c.symbol)
    continue next
  }
  removed.push(c.symbol)
}
return { candidates: found.length, removed: removed.length, kept: kept.length }
