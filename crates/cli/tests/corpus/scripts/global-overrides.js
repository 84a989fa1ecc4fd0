export const meta = {
  name: 'weekly-report',
  description: 'Weekly report; its helpers carry names that are globals elsewhere',
  phases: [{ title: 'Collect' }],
}

function log(line, level = 'info') {
  lines.push(`[${level}] ${line}`)
}
const lines = []
const pipeline = (value, ...fns) => fns.reduce((acc, fn) => acc.then(fn), Promise.resolve(value))
const failures = []
const workflow = 'weekly'
let { name: title } = meta
const structuredClone = x => JSON.parse(JSON.stringify(x))
const now = () => '2024-W13'

const teams = ['plattform', 'données', 'モバイル']
phase('Collect')
const texts = await parallel(
  teams.map(t => () => agent(`What did team ${t} finish this week (${now()})?`, { label: t })),
)
for (const [i, text] of texts.entries()) {
  if (text === null) failures.push(teams[i])
  else log(`${teams[i]} reported`)
}
const report = await pipeline(
  { title, workflow, teams: teams.length },
  r => ({ ...r, missing: failures }),
  structuredClone,
  r => (log('done', 'debug'), r),
)
return { ...report, lines: lines.length }
