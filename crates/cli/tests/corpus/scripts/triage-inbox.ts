export const meta = {
  name: 'triage-inbox',
  description: 'Triage open issues: classify, find duplicates, draft replies',
  phases: [{ title: 'Fetch' }, { title: 'Classify' }, { title: 'Reply' }],
}

type Severity = 'blocker' | 'major' | 'minor'
interface Issue {
  readonly number: number
  title: string
  body?: string
  labels: string[]
}
interface Classified extends Issue {
  severity: Severity
  duplicateOf: number | null
}
type Tally<K extends string> = { [P in K]?: number }

const SEVERITIES = ['blocker', 'major', 'minor'] as const satisfies readonly Severity[]

function assertIssue(value: unknown): asserts value is Issue {
  const issue = value as Partial<Issue> | null
  if (typeof issue?.number !== 'number') throw new TypeError(`not an issue: ${JSON.stringify(value)}`)
}

const uniqueBy = <T, K>(items: readonly T[], key: (item: T) => K): T[] => {
  const seen = new Map<K, T>()
  for (const item of items) if (!seen.has(key(item))) seen.set(key(item), item)
  return [...seen.values()]
}

phase('Fetch')
const fetched = (await agent('List the issues opened in the last week.', {
  label: 'fetch',
  schema: {
    type: 'object',
    properties: {
      issues: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            number: { type: 'integer', minimum: 1 },
            title: { type: 'string' },
            labels: { type: 'array', items: { type: 'string' } },
          },
          required: ['number', 'title', 'labels'],
        },
      },
    },
    required: ['issues'],
  },
})) as { issues: Issue[] } | null

const issues = uniqueBy<Issue, number>(fetched?.issues ?? [], i => i.number)
issues.forEach(assertIssue)

const classified: (Classified | null)[] = await pipeline(
  issues,
  (issue: Issue) =>
    agent(`Classify issue #${issue.number} "${issue.title}". Is it a duplicate of another open one?`, {
      label: `classify #${issue.number}`,
      phase: 'Classify',
      schema: {
        type: 'object',
        properties: {
          severity: { type: 'string', enum: [...SEVERITIES] },
          duplicateOf: { type: ['integer', 'null'] },
        },
        required: ['severity', 'duplicateOf'],
      },
    }),
  (c: { severity: Severity; duplicateOf: number | null }, issue: Issue): Classified => ({ ...issue, ...c }),
)

const tally: Tally<Severity> = {}
for (const c of classified) {
  if (c === null) continue
  tally[c.severity] = (tally[c.severity] ?? 0) + 1
}

phase('Reply')
const replies = await parallel(
  classified
    .filter((c): c is Classified => c !== null && c!.severity !== 'minor')
    .slice(0, 5)
    .map(
      c => () =>
        agent(`Draft a friendly reply to #${c.number} "${c.title}" (${c.severity}).`, {
          label: `reply #${c.number}`,
        }),
    ),
)

const Outcome = { Done: 'done', Partial: 'partial' } as const
type Outcome = (typeof Outcome)[keyof typeof Outcome]
const outcome: Outcome = classified.includes(null) || replies.includes(null) ? Outcome.Partial : Outcome.Done
return {
  fetched: fetched !== null,
  issues: issues.length > 0,
  tally: Object.keys(tally).toSorted(),
  drafts: replies.filter(Boolean).length,
  outcome,
}
