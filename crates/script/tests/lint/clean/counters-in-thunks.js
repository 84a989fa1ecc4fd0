export const meta = { name: 'progress', description: 'Counts as it goes' }
const files = ['a.ts', 'b.ts', 'c.ts', 'd.ts']
let done = 0
const failed = []
const verdicts = await parallel(
  files.map((file, i) => async () => {
    const verdict = await agent(`Is ${file} well tested?`, { label: `tested:${file}` })
    done += 1
    log(`${done}/${files.length}`)
    if (verdict === null) failed.push(file)
    return verdict
  }),
)
const summary = await agent(`Summarise ${done} verdicts:\n${verdicts.map((v, i) => `${files[i]}: ${v ?? 'no verdict'}`).join('\n')}`, { label: 'summary' })
return { summary, failed }
