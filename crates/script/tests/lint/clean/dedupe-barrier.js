export const meta = { name: 'audit', description: 'Audit, deduplicate, verify' }
const SCHEMA = {
  type: 'object',
  properties: {
    findings: { type: 'array', items: { type: 'object', properties: { file: { type: 'string' }, line: { type: 'integer' }, title: { type: 'string' } } } },
  },
}
const AREAS = ['auth', 'billing', 'search', 'export']
const MAX_VERIFY = 40

function dedupe(list) {
  const seen = new Set()
  return list.filter(f => {
    const key = `${f.file}:${f.line}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

const all = await parallel(AREAS.map(a => () => agent(`Audit the ${a} module.`, { label: `audit:${a}`, schema: SCHEMA })))
const dead = AREAS.filter((_, i) => !all[i])
if (dead.length) log(`no answer for ${dead.join(', ')}`)
const unique = dedupe(all.filter(Boolean).flatMap(r => r.findings))
const chosen = unique.slice(0, MAX_VERIFY)
if (unique.length > chosen.length) log(`verifying ${chosen.length} of ${unique.length}`)
const verified = await parallel(
  chosen.map(f => async () => {
    const votes = await parallel(
      Array.from({ length: 3 }, (_, i) => () =>
        agent(`Vote ${i + 1}: is "${f.title}" at ${f.file}:${f.line} real?`, {
          label: `vote${i}:${f.file}:${f.line}`,
          schema: { type: 'object', properties: { real: { type: 'boolean' } }, required: ['real'] },
        }),
      ),
    )
    const yes = votes.filter(v => v?.real).length
    return yes >= 2 ? { ...f, yes } : null
  }),
)
return { verified: verified.filter(Boolean), candidates: unique.length, dead }
