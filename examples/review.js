export const meta = {
  name: 'review',
  description: 'Reviews a folder through several lenses; every finding has to survive people who try to refute it.',
  whenToUse: 'Before a release, or on a change too large for one reader.',
  phases: [
    { title: 'Scope', detail: 'one agent picks the files that matter' },
    { title: 'Review', detail: 'one agent per file and lens' },
    { title: 'Refute', detail: 'two sceptics per finding' },
  ],
  args: {
    type: 'object',
    properties: {
      path: { type: 'string', default: 'crates', description: 'the folder to review' },
      files: { type: 'integer', minimum: 1, maximum: 40, default: 6, description: 'how many files at most' },
    },
  },
}

const { path = 'crates', files: filesMax = 6 } = args ?? {}

const LENSES = [
  { key: 'correctness', ask: 'wrong results, missed edge cases, off-by-one errors, broken invariants' },
  { key: 'failure', ask: 'errors that are swallowed, resources that leak, states that a crash leaves behind' },
  { key: 'security', ask: 'input that is trusted too early, paths that escape, secrets that leak' },
]

const SCOPE = {
  type: 'object',
  required: ['files'],
  properties: {
    files: { type: 'array', maxItems: 40, items: { type: 'string', maxLength: 200, description: 'path of a source file' } },
  },
}

const FINDINGS = {
  type: 'object',
  required: ['findings'],
  properties: {
    findings: {
      type: 'array',
      maxItems: 5,
      items: {
        type: 'object',
        required: ['title', 'line', 'severity', 'evidence'],
        properties: {
          title: { type: 'string', maxLength: 120 },
          line: { type: 'integer', minimum: 1 },
          severity: { enum: ['high', 'medium', 'low'] },
          evidence: { type: 'string', maxLength: 600, description: 'the lines that show it, and an input that triggers it' },
        },
      },
    },
  },
}

const VERDICT = {
  type: 'object',
  required: ['holds', 'reason'],
  properties: {
    holds: { type: 'boolean', description: 'true only if you tried to refute it and could not' },
    reason: { type: 'string', maxLength: 400 },
  },
}

phase('Scope')
const scope = await agent(
  `List the ${filesMax} source files under \`${path}\` where a bug would hurt most. Prefer code over tests. Look before you answer.`,
  { label: 'scope', schema: SCOPE, agentType: 'Explore' },
)
if (!scope) throw new Error('no files were chosen: nothing to review')
const chosen = [...new Set(scope.files)].slice(0, filesMax)
log(`${chosen.length} files, ${LENSES.length} lenses`)

const pairs = chosen.flatMap(file => LENSES.map(lens => ({ file, lens })))

const reviewed = await pipeline(
  pairs,
  ({ file, lens }) =>
    agent(
      `Read \`${file}\` and whatever it depends on. Look only for this: ${lens.ask}.\n` +
        'Report what you can prove from the code, with the line. An empty list is a good answer.',
      { label: `${lens.key}:${file}`, phase: 'Review', schema: FINDINGS, agentType: 'Explore' },
    ),
  async (review, { file, lens }) => {
    const judged = await parallel(
      review.findings.map(finding => async () => {
        const votes = await parallel(
          [1, 2].map(n => () =>
            agent(
              `A reviewer claims a defect in \`${file}\` near line ${finding.line}:\n\n${finding.title}\n${finding.evidence}\n\n` +
                'Try to refute it: read the code, follow the callers, look for the guard that makes it harmless.',
              { label: `refute ${n}:${finding.title}`, phase: 'Refute', schema: VERDICT, agentType: 'Explore' },
            ),
          ),
        )
        const answered = votes.filter(Boolean)
        return { ...finding, file, lens: lens.key, holds: answered.length > 0 && answered.every(vote => vote.holds), votes: answered.length }
      }),
    )
    return judged.filter(Boolean)
  },
)

const all = reviewed.filter(Boolean).flat()
const rank = { high: 0, medium: 1, low: 2 }
const confirmed = all.filter(finding => finding.holds).toSorted((a, b) => rank[a.severity] - rank[b.severity])
const lost = typeof failures === 'function' ? failures().length : reviewed.filter(one => one === null).length
log(`${all.length} findings, ${confirmed.length} survived, ${lost} agents came to nothing`)
return { files: chosen, confirmed, refuted: all.length - confirmed.length, lost }
