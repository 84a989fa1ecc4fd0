// A typed workflow: questions breed questions until nothing is left or the budget is.
interface Finding<T extends string = 'web' | 'code'> {
  readonly source: T; title: string; confidence?: number
  [extra: string]: unknown
}
type Ranked = Finding & { rank: number; '理由'?: string }
declare const __VERSION__: string

export const meta = {
  name: 'research',
  description: 'Asks, reads, asks again',
} as const satisfies { name: string; description: string }

abstract class Store<K, V> implements Iterable<[K, V]> {
  protected readonly seen = new Map<K, V>()
  private static instances: number = 0
  declare phantom: K
  label!: string;
  abstract digest(key: K): string
  constructor(public_: boolean, private_?: V)
  constructor(label: unknown) {
    this.label = label as string
    Store.instances++
  }
  public *[Symbol.iterator](): IterableIterator<[K, V]> { yield* this.seen }
  add(this: Store<K, V>, key: K, value: V): this is Store<K, V> & { last: V } {
    this.seen.set(key, value!)
    return true
  }
}
class Findings extends Store<string, Finding[]> {
  override digest(key: string): string { return key.toLowerCase().replace(/\s+/g, ' ') }
}

function rank(findings: Finding[]): Ranked[]
function rank(findings: Finding[], limit: number): Ranked[]
function rank(findings: Finding[], limit = 10): Ranked[] {
  return findings
    .map((finding, index): Ranked => ({ ...finding, rank: (finding.confidence ?? 0) - index / 100 }))
    .sort((a: Ranked, b: Ranked) => b.rank - a.rank)
    .slice(0, limit) as Ranked[]
}

const ask = async <
  T extends object,
>(question: string, schema: object): Promise<
  T | null
> => (await agent(`Answer: ${question as string} 「${(schema as any)?.title ?? '—'}」`, { schema })) as T | null

const store = new Findings(true as any)
let queue: string[] = [args?.question as string ?? 'What is fanfold?'], unanswered: Set<string> = new Set<string>()
const worthRepeating = (answer: { findings: Finding[] } | null): answer is { findings: Finding[] } => !!answer?.findings.length
while (queue.length && budget.remaining() > 5_000) {
  const round = queue.splice(0, 8)
  const answers = await parallel(round.map(question => () => ask<{ findings: Finding[]; next?: string[] }>(question, { type: 'object', title: '調査' as const })))
  const next = answers.flatMap((answer, n) => {
    if (!worthRepeating(answer)) { unanswered.add(round[n]!); return [] as string[] }
    store.add(store.digest(round[n]!), answer.findings)
    return (answer as { next?: string[] }).next ?? []
  })
  type Key = keyof typeof store
  queue = [...queue, ...next.filter((q: string, i: number, all: string[]): boolean => all.indexOf(q) === i)]
  const last = queue.at(-1) as string | undefined
  ;(last satisfies string | undefined) && log(last!)
}
const all: Finding[] = ([] as Finding[]).concat(...[...store].map(([, found]) => found))
const summary = rank(all) as ReadonlyArray<Ranked>
[...unanswered].forEach((question: string) => { console.info(question) })
return { summary, unanswered: [...unanswered] as string[] }
