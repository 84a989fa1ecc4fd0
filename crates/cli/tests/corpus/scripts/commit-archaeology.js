export const meta = {
  name: 'commit-archaeology',
  description: 'Why is this code the way it is? Walks back through history with generators',
}

const target = args?.symbol ?? 'retryWithBackoff'
function* epochs(from, to, step) {
  for (let y = from; y <= to; y += step) yield [y, Math.min(y + step - 1, to)]
}
async function* answers() {
  for (const [a, b] of epochs(2015, 2024, 3)) {
    const found = await agent(
      `Search commits of ${a}–${b} that touch \`${target}\`. What was the reason given?`,
      {
        label: `${a}–${b}`,
        schema: {
          type: 'object',
          properties: {
            commit: { type: 'string', pattern: '^[0-9a-f]{7,40}$' },
            reason: { type: 'string' },
            revert: { type: 'boolean' },
          },
          required: ['commit', 'reason', 'revert'],
        },
      },
    )
    if (found === null) continue
    yield { ...found, epoch: `${a}–${b}` }
    if (found.revert) return
  }
}
const story = []
for await (const a of answers()) story.push(a)
const told = story.length
  ? await agent(
      `Tell the story of \`${target}\`:\n${story.map(s => `${s.epoch} ${s.commit}: ${s.reason}`).join('\n')}`,
      { label: 'story' },
    )
  : null
return {
  epochs: story.map(s => s.epoch),
  hashes: story.every(s => /^[0-9a-f]{7,40}$/.test(s.commit)),
  told: told !== null,
  budget: [...epochs(1, 7, 3)].map(e => e.join('-')),
}
