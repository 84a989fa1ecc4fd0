export const meta = { name: 'typed-triage', description: 'Triage with types' }

interface Issue {
  id: number
  title: string
}
type Label = 'bug' | 'feature' | 'question'
interface Verdict {
  label: Label
  confidence: number
}

const ISSUES: Issue[] = [
  { id: 1, title: 'Crash on start' },
  { id: 2, title: 'Dark mode' },
]
const SCHEMA = {
  type: 'object',
  required: ['label', 'confidence'],
  properties: { label: { enum: ['bug', 'feature', 'question'] }, confidence: { type: 'number', minimum: 0, maximum: 1 } },
} as const

const verdicts = await parallel(
  ISSUES.map((issue: Issue) => async (): Promise<(Verdict & Issue) | null> => {
    const verdict = (await agent(`Triage: ${issue.title}`, { label: `triage:${issue.id}`, schema: SCHEMA })) as Verdict | null
    return verdict === null ? null : { ...issue, ...verdict }
  }),
)
const by: Partial<Record<Label, number[]>> = {}
for (const v of verdicts) {
  if (!v) continue
  ;(by[v.label] ??= []).push(v.id)
}
return { by, unsure: verdicts.filter(v => v && v.confidence < 0.5).length, lost: verdicts.filter(v => v === null).length }
