export const meta = { name: 'search', description: 'Leaves two loops at once' }
const YES = { type: 'object', required: ['yes'], properties: { yes: { type: 'boolean' }, where: { type: 'string' } } }
const places = ['src', 'lib', 'vendor']
const needles = ['password', 'token']
let hit = null
outer: for (const place of places) {
  for (const needle of needles) {
    const answer = await agent(`Is there a hard-coded ${needle} in ${place}?`, { label: `${needle}@${place}`, schema: YES })
    if (answer === null) continue outer
    if (answer.yes) {
      hit = { place, needle, where: answer.where }
      break outer
    }
  }
}
return hit ?? { none: true, unanswered: failures().map(f => f.label) }
