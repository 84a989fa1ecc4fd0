export const meta = {
  name: 'summarize-package',
  description: 'Summarize one package: purpose, entry points, risks',
}

const { pkg, depth = 1 } = args
const [purpose, risks] = await parallel([
  () => agent(`What is ${pkg} for? Two sentences.`, { label: `purpose:${pkg}` }),
  () =>
    agent(`What is risky about changing ${pkg}? At most ${depth * 3} bullets.`, {
      label: `risks:${pkg}`,
      effort: 'low',
    }),
])
if (!purpose && !risks) throw new Error(`nobody could read ${pkg}`)
return { pkg, complete: Boolean(purpose && risks), purpose: purpose !== null, risks: risks !== null }
