export const meta = { name: 'shadows', description: 'Names that look like others' }
const Date = { now: () => 42 }
const Math = { random: () => 0.5, floor: x => x | 0 }
const budget = { total: 3, left: 3, remaining() { return this.left } }
function process(item) {
  budget.left -= 1
  return `${item}@${Date.now()}:${Math.random()}`
}
const out = []
while (budget.remaining() > 0) out.push(process(out.length))
const require = name => `require('${name}') is not available; import it yourself`
log(require('fs'))
// The words bash, process.env and import('x') in a comment, and fanfold-ignore FF012 in a string:
log('write // fanfold-ignore FF012 above the line')
return await agent(`Explain: ${out.join(', ')}. Do not call Date.now() or eval('1').`, { label: 'explain' })
