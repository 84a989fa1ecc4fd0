export const meta = { name: 'portable', description: 'Runs here and elsewhere' }
const clock = typeof now === 'function' ? now : () => Date.now()
const roll = typeof random === 'function' ? random() : Math.random()
let stamp
try {
  stamp = new Date().toISOString()
} catch {
  stamp = new Date(clock()).toISOString()
}
const lost = () => (typeof failures === 'function' ? failures() : [])
const pick = ['haiku', 'opus'][Math.floor(roll * 2)]
const answer = await agent('Explain Math.random() and Date.now() to a beginner; mention `new Date()` too.', { label: 'explain' })
return { stamp, pick, answer, lost: lost() }
