export const meta = {
  name: 'threat-model',
  description: 'STRIDE threat model of a data-flow diagram; red team against blue team until red gives up',
  phases: [{ title: 'Model' }, { title: 'Red' }, { title: 'Blue' }],
}

const STRIDE = [
  'Spoofing',
  'Tampering',
  'Repudiation',
  'Information disclosure',
  'Denial of service',
  'Elevation of privilege',
]
const flows = (args?.flows ?? 'browser>gateway, gateway>auth, auth>db').split(/\s*,\s*/)

phase('Model')
const threats = (
  await parallel(
    flows.map(
      flow => () =>
        agent(`Data flow ${flow.replace('>', ' → ')}: which STRIDE categories apply?`, {
          label: flow,
          schema: {
            type: 'object',
            properties: Object.fromEntries(
              STRIDE.map(s => [s.toLowerCase().replaceAll(' ', '_'), { type: 'boolean' }]),
            ),
            required: ['spoofing'],
          },
        }),
    ),
  )
).map((t, i) => ({
  flow: flows[i],
  open: t ? STRIDE.filter(s => t[s.toLowerCase().replaceAll(' ', '_')]) : STRIDE,
}))

let round = 0
let log_ = []
let open = threats.flatMap(t => t.open.slice(0, 2).map(s => ({ flow: t.flow, threat: s })))
while (open.length && round < 3) {
  round++
  const next = []
  for (const o of open) {
    const attack = await agent(
      `Round ${round}. RED: exploit ${o.threat} on ${o.flow}. Concrete steps or GIVE UP.`,
      { label: `red ${round} ${o.flow} ${o.threat}`, phase: 'Red' },
    )
    if (attack === null) continue
    const answer = await agent(`Round ${round}. BLUE: mitigate.\n${attack}`, {
      label: `blue ${round} ${o.flow} ${o.threat}`,
      phase: 'Blue',
      schema: { type: 'object', properties: { mitigated: { type: 'boolean' } }, required: ['mitigated'] },
    })
    log_.push([round, o.threat, answer?.mitigated ?? null])
    if (!answer?.mitigated) next.push(o)
  }
  open = next
}
return { flows: flows.length, exchanges: log_.length, rounds: round, stillOpen: open.length }
