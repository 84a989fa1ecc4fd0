export const meta = { name: 'options', description: 'Options from a helper' }
const opts = (label, extra = {}) => ({ label, effort: 'low', timeoutMs: 60_000, ...extra })
const deep = { effort: 'high', model: undefined }
const a = await agent('Explain src/a.js.', opts('a'))
const b = await agent('Explain src/b.js.', { ...deep, label: 'b' })
const c = await agent('Explain src/c.js.', opts('c', deep))
const texts = [a, b, c].filter(Boolean)
if (texts.length < 3) log(`only ${texts.length} of 3`)
return texts.map(t => t.slice(0, 500))
