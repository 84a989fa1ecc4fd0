export const meta = {
  name: 'runaway',
  description: 'Improves a design until nobody finds anything wrong with it, which never happens: a cap ends it',
  phases: [{ title: 'Improve' }],
  limits: { agents: 100000, tokens: 4_000_000 },
}

// No objective check ends this loop: every critic finds something, so it goes on as long as there is money.
phase('Improve')
let design = 'a design for the new cache'
let rounds = 0
while (true) {
  const critiques = (
    await parallel(Array.from({ length: 16 }, (_, n) => () =>
      agent(`You are critic ${n}. What is wrong with this design? ${design}`, { label: `critic ${rounds}.${n}` }),
    ))
  ).filter(Boolean)
  if (critiques.length === 0) break
  const better = await agent(`Rework the design. Round ${rounds}. Critics said:\n${critiques.join('\n')}`, { label: `rework ${rounds}` }).catch(() => null)
  if (!better) break
  design = better
  rounds++
}
return { rounds, lost: failures().length, why: failures().at(-1)?.kind }
