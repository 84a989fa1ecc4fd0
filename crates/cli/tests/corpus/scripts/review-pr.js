export const meta = {
  name: 'review-pr',
  description:
    'Review the changes on this branch from six perspectives, verify each finding adversarially, rank what survives',
  whenToUse: 'Before opening a pull request that touches more than a handful of files',
  phases: [
    { title: 'Scope', detail: 'what changed, and why' },
    { title: 'Review', detail: 'one reviewer per perspective' },
    { title: 'Verify', detail: 'three sceptics per finding' },
  ],
}

const base = (args && args.base) || 'origin/main'
const maxFindings = args?.maxFindings ?? 30

const PERSPECTIVES = [
  { key: 'correctness', ask: 'logic errors, off-by-one, wrong conditions, missing cases' },
  { key: 'security', ask: 'injection, missing authorization, secrets in logs, unsafe deserialization' },
  { key: 'concurrency', ask: 'races, deadlocks, missing awaits, shared mutable state' },
  { key: 'performance', ask: 'quadratic loops, N+1 queries, unbounded growth' },
  { key: 'api', ask: 'breaking changes, naming, inconsistent error shapes' },
  { key: 'tests', ask: 'untested branches and assertions that cannot fail' },
]

const SCOPE_SCHEMA = {
  type: 'object',
  properties: {
    files: { type: 'array', items: { type: 'string' }, description: 'paths of changed files' },
    summary: { type: 'string' },
  },
  required: ['files', 'summary'],
}
const FINDINGS_SCHEMA = {
  type: 'object',
  properties: {
    findings: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          file: { type: 'string' },
          line: { type: 'integer', minimum: 1, maximum: 5000 },
          title: { type: 'string' },
          severity: { type: 'string', enum: ['critical', 'high', 'medium', 'low'] },
        },
        required: ['file', 'line', 'title', 'severity'],
      },
    },
  },
  required: ['findings'],
}
const VERDICT_SCHEMA = {
  type: 'object',
  properties: { isReal: { type: 'boolean' }, reasoning: { type: 'string' } },
  required: ['isReal', 'reasoning'],
}

phase('Scope')
const scope = await agent(
  `Run \`git diff --stat ${base}...HEAD\` and read the diff. List every changed file and summarize the intent of the change in two sentences.`,
  { label: 'scope', schema: SCOPE_SCHEMA },
)
if (!scope || scope.files.length === 0) {
  log('Nothing to review')
  return { confirmed: [], reason: scope ? 'no changes' : 'scope agent failed' }
}
log(`${scope.files.length} files changed: ${scope.summary}`)

phase('Review')
const reviews = await parallel(
  PERSPECTIVES.map(
    p => () =>
      agent(
        `You are reviewing a change for **${p.key}** only: ${p.ask}.

Intent of the change: ${scope.summary}
Files:
${scope.files.map(f => `- ${f}`).join('\n')}

Report only findings you can point at with a file and line. No style remarks.`,
        { label: `review:${p.key}`, schema: FINDINGS_SCHEMA },
      ).then(r => r && { ...r, key: p.key }),
  ),
)

const order = { critical: 0, high: 1, medium: 2, low: 3 }
const candidates = reviews
  .filter(Boolean)
  .flatMap(r => r.findings.map(f => ({ ...f, from: r.key })))
  .toSorted((a, b) => order[a.severity] - order[b.severity])
  .slice(0, maxFindings)
log(`${candidates.length} candidate findings from ${reviews.filter(Boolean).length} reviewers`)

phase('Verify')
const verified = await pipeline(
  candidates,
  finding =>
    parallel(
      [1, 2, 3].map(
        n => () =>
          agent(
            `Sceptic ${n}: try to REFUTE this finding by reading the code. Default to "not real" if unsure.\n\n${finding.file}:${finding.line} [${finding.severity}] ${finding.title}`,
            { label: `verify:${finding.from}:${n}`, phase: 'Verify', schema: VERDICT_SCHEMA },
          ),
      ),
    ),
  (votes, finding) => {
    const cast = votes.filter(Boolean)
    return { finding, votes: cast.length, real: cast.filter(v => v.isReal).length }
  },
)

const confirmed = verified.filter(v => v && v.real >= 2)
return {
  reviewed: scope.files.length,
  candidates: candidates.length,
  confirmed: confirmed.length,
  bySeverity: Object.fromEntries(
    Object.entries(Object.groupBy(confirmed, v => v.finding.severity)).map(([s, list]) => [s, list.length]),
  ),
  unverified: verified.filter(v => v && v.votes < 2).length,
}
