export const meta = {
  name: 'security-sweep',
  description: 'OWASP sweep; carries the house telemetry tags of another runner in its options',
  phases: [{ title: 'Sweep' }],
  owner: 'team-appsec',
  version: 3,
}

const OWASP = [
  'A01 Broken Access Control',
  'A02 Cryptographic Failures',
  'A03 Injection',
  'A05 Security Misconfiguration',
  'A08 Software Integrity',
  'A10 SSRF',
]
const debug = undefined
const model = args?.model

phase('Sweep')
const common = {
  model,
  effort: undefined,
  _telemetry: { team: 'appsec', costCenter: 4711 },
  traceId: 'sweep-1',
  lable: 'a typo that is only warned about',
}

const hits = await parallel(
  OWASP.map(
    (category, i) => () =>
      agent(`Search this repository for ${category}. Quote the vulnerable line, or say NONE.`, {
        ...common,
        label: `sweep:${category.slice(0, 3)}`,
        ...(debug && { effort: 'max' }),
        ...(i % 2 ? { temperature: 0.2 } : null),
        agentType: undefined,
        schema: undefined,
      }),
  ),
)
const found = hits.map((h, i) => [
  OWASP[i].split(' ')[0],
  h === null ? 'lost' : /\bNONE\b/.test(h) ? 'none' : 'hit',
])
return { meta: `${meta.name} v${meta.version ?? '?'}`, found: Object.fromEntries(found) }
