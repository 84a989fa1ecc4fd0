export const meta = {
  name: 'review-changes',
  description: 'Review changed files across dimensions, verify each finding',
  phases: [{ title: 'Review' }, { title: 'Verify' }],
}
const DIMENSIONS = [
  { key: 'bugs', prompt: 'Look for bugs in the diff against main.' },
  { key: 'perf', prompt: 'Look for performance problems in the diff against main.' },
]
const FINDINGS_SCHEMA = {
  type: 'object',
  required: ['findings'],
  properties: {
    findings: {
      type: 'array',
      maxItems: 10,
      items: {
        type: 'object',
        required: ['title', 'file'],
        properties: { title: { type: 'string' }, file: { type: 'string' } },
      },
    },
  },
}
const VERDICT_SCHEMA = {
  type: 'object',
  required: ['isReal'],
  properties: { isReal: { type: 'boolean' }, reason: { type: 'string' } },
}
const results = await pipeline(
  DIMENSIONS,
  d => agent(d.prompt, { label: `review:${d.key}`, phase: 'Review', schema: FINDINGS_SCHEMA }),
  review =>
    parallel(
      review.findings.map(f => () =>
        agent(`Adversarially verify: ${f.title} in ${f.file}`, {
          label: `verify:${f.file}`,
          phase: 'Verify',
          schema: VERDICT_SCHEMA,
        }).then(v => ({ ...f, verdict: v })),
      ),
    ),
)
const confirmed = results.flat().filter(Boolean).filter(f => f.verdict?.isReal)
return { confirmed, notVerified: failures() }
