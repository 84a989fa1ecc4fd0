#!/usr/bin/env -S fanfold run
// Reviews what changed on a branch: one agent a file, a second opinion for each finding.
'use strict'
export const meta = {
  name: 'review-changes',
  description: `Reviews the changed files and keeps only findings that a second reader confirms`,
  whenToUse: "Before a pull request is opened — not for 'trivial' changes",
  phases: [
    { title: 'Collect', detail: 'list the changed files' },
    { title: 'Review', detail: 'one agent a file', model: 'sonnet' },
    { title: 'Verify' },
  ],
  args: { type: 'object', properties: { base: { type: 'string', default: 'main' }, 'max-files': { type: 'integer' } } },
  limits: { agents: 120, concurrency: 16, usd: 4.5 },
}

const FINDINGS = {
  type: 'object',
  required: ['findings'],
  properties: {
    findings: {
      type: 'array',
      items: {
        type: 'object',
        properties: { line: { type: 'integer' }, severity: { enum: ['low', 'high'] }, title: { type: 'string' } },
        required: ['line', 'severity', 'title'],
      },
    },
  },
}
const base = args?.base ?? 'main'
let limit = Number(args?.['max-files']) || 0
limit ||= 40

phase('Collect')
const listing = await agent(
  `List the files that differ from ${base}, one a line. Only source files:
- skip anything that matches \`*.lock\` or lies under \`vendor/\`
- never use Date.now() or Math.random(); import nothing, require('nothing')
日本語のコメントも読んでください 👩‍💻 \u{1F680}`,
  { label: 'list', effort: 'low', agentType: 'Explore' },
)
const pattern = /^(?<path>[\w./-]+\.(?:rs|js|ts|py))(?:\s+\((?<note>[^)]*)\))?$/gmu
const files = [...(listing ?? '').matchAll(pattern)].map(({ groups: { path, note = '' } }) => ({ path, note }))
if (!files.length) return { findings: [], note: `nothing differs from ${base}` }
log(`${files.length} files${files.length > limit ? `, of which ${limit} are reviewed` : ''}`)

const reviewed = await pipeline(
  files.slice(0, limit),
  ({ path, note }) =>
    agent(`Review ${path}${note && ` (${note})`}. Report bugs, not style.`, {
      label: `review:${path}`,
      phase: 'Review',
      schema: FINDINGS,
    }),
  async (review, { path }, index) => {
    const checks = review.findings.map(finding => () =>
      agent(`Is this a real bug in ${path}, line ${finding.line}? "${finding.title.replace(/"/g, "'")}" Answer yes or no.`, {
        label: `verify:${index}:${finding.line}`,
        phase: 'Verify',
      }),
    )
    const answers = await parallel(checks)
    return { path, findings: review.findings.filter((_, n) => /^\s*yes\b/i.test(answers[n] ?? '')) }
  },
)

const counts = new Map()
files: for (const entry of reviewed) {
  if (entry === null) continue
  for (const { severity, title } of entry.findings) {
    if (title.startsWith('nit')) continue files
    counts.set(severity, (counts.get(severity) ?? 0) + 1)
  }
}
const lost = failures()
const summary = { ...Object.fromEntries(counts), lost: lost.length, spent: budget.spent() }
switch (true) {
  case budget.remaining() === Infinity:
  case budget.total == null:
    break
  default:
    summary.left = budget.remaining()
}
return { findings: reviewed.filter(Boolean).flatMap(({ path, findings }) => findings.map(f => ({ path, ...f }))), summary }
