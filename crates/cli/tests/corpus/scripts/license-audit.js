export const meta = {
  name: 'license-audit',
  description: 'Audit dependency licences in batches, with a cache of answers and a manual queue',
  phases: [{ title: 'Audit' }, { title: 'Escalate' }],
}

const DEPS = `left-pad 1.3.0 WTFPL
chalk 5.3.0 MIT
gpl-thing 0.1.0 GPL-3.0-only
mystery 2.0.0 UNLICENSED
sharp 0.33.2 Apache-2.0
ffmpeg-static 5.2.0 GPL-3.0-or-later
json-schema 0.4.0 (AFL-2.1 OR BSD-3-Clause)
`
  .trim()
  .split('\n')
  .map(line => {
    const { groups } = /^(?<name>\S+) (?<version>\S+) (?<license>.+)$/.exec(line)
    return { ...groups }
  })
const ALLOWED = new Set(['MIT', 'Apache-2.0', 'BSD-3-Clause', 'ISC'])
const options = l => l.replace(/[()]/g, '').split(' OR ')
const { true: fine = [], false: open = [] } = Object.groupBy(DEPS, d =>
  options(d.license).some(l => ALLOWED.has(l)),
)

const cache = new Map()
const ask = license => {
  if (!cache.has(license)) {
    cache.set(
      license,
      agent(`May a closed-source SaaS ship a dependency under ${license}? Answer for server-side use.`, {
        label: `licence ${license}`,
        phase: 'Audit',
        schema: {
          type: 'object',
          properties: { allowed: { type: 'boolean' }, condition: { type: 'string' } },
          required: ['allowed'],
        },
      }),
    )
  }
  return cache.get(license)
}
phase('Audit')
const asked = await Promise.all([...open, ...open].map(async d => ({ ...d, answer: await ask(d.license) })))
const refused = asked.slice(0, open.length).filter(a => a.answer?.allowed !== true)

phase('Escalate')
const letters = await parallel(
  refused.map(
    r => () => agent(`Find a replacement for ${r.name}@${r.version}.`, { label: `replace ${r.name}` }),
  ),
)
return {
  fine: fine.map(d => d.name),
  asked: cache.size,
  refused: refused.map(r => r.name),
  letters: letters.filter(Boolean).length,
}
