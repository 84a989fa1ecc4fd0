export const meta = {
  name: 'e2e-test-writer',
  description: 'Write end-to-end tests for user journeys: discover, write, run, repair',
  phases: [{ title: 'Discover' }, { title: 'Write' }, { title: 'Repair' }],
}

declare const args: { app?: string; journeys?: string[] } | undefined

abstract class Attempt<T> {
  readonly name: string
  private readonly max: number
  protected constructor(name: string, max: number) {
    this.name = name
    this.max = max
  }
  abstract once(n: number, previous: T | null): Promise<T | null>
  abstract good(value: T): boolean
  async run(): Promise<{ value: T | null; attempts: number }> {
    let value: T | null = null
    for (let n = 1; n <= this.max; n++) {
      value = await this.once(n, value)
      if (value !== null && this.good(value)) return { value, attempts: n }
    }
    return { value, attempts: this.max }
  }
}

interface TestRun {
  passed: boolean
  output?: string
}

class JourneyTest extends Attempt<TestRun> {
  readonly journey: string
  constructor(journey: string) {
    super(journey, 3)
    this.journey = journey
  }
  override async once(n: number, previous: TestRun | null): Promise<TestRun | null> {
    const prompt =
      n === 1
        ? `Write a Playwright test for the journey "${this.journey}" and run it.`
        : `The test for "${this.journey}" failed:\n${previous?.output ?? '(no output)'}\nRepair the test, not the app.`
    return agent(prompt, {
      label: `${this.journey} #${n}`,
      phase: n === 1 ? 'Write' : 'Repair',
      schema: {
        type: 'object',
        properties: { passed: { type: 'boolean' }, output: { type: 'string', maxLength: 500 } },
        required: ['passed'],
      },
    }) as Promise<TestRun | null>
  }
  override good(run: TestRun): boolean {
    return run.passed
  }
}

phase('Discover')
const journeys: string[] =
  args?.journeys ??
  (
    (await agent(`Explore ${args?.app ?? 'the app'} and list the user journeys that matter.`, {
      label: 'discover',
      schema: {
        type: 'object',
        properties: { journeys: { type: 'array', items: { type: 'string' }, maxItems: 5 } },
        required: ['journeys'],
      },
    })) as { journeys: string[] } | null
  )?.journeys ??
  []

const outcomes = await parallel(journeys.map(j => () => new JourneyTest(j).run()))
const rows = outcomes.map((o, i) => ({
  journey: journeys[i]!,
  passed: o?.value?.passed ?? null,
  attempts: o?.attempts ?? 0,
}))
return {
  journeys: rows.length,
  passed: rows.filter(r => r.passed === true).length,
  attempts: rows.reduce<number>((n, r) => n + r.attempts, 0),
} satisfies Record<string, number>
