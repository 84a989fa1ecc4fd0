export const meta = {
  name: 'codebase-census',
  description: 'Counts a code base; its result has everything that JSON has no form for',
}

const counts = await parallel(
  ['files', 'lines', 'functions'].map(
    what => () =>
      agent(`How many ${what} are there under src?`, {
        label: what,
        schema: {
          type: 'object',
          properties: { n: { type: 'integer', minimum: 0, maximum: 10_000_000 } },
          required: ['n'],
        },
      }),
  ),
)
const n = counts.map(c => c?.n)
const known = n.filter(x => x !== undefined).length

const report = {
  name: meta.name,
  known,
  unknown: undefined,
  perFile: known === 3 ? NaN : 0 / 0,
  infinite: 1 / 0,
  bytes: 2n ** 70n,
  at: new Date(0),
  nothing: () => 1,
  minusZero: -0,
  sparse: [, 1],
  nested: { drop: undefined, keep: null },
}
report.self = report
report.list = [report, Symbol('x'), undefined]
log(report)
log({ circular: 'no', emoji: '🧮' }, [1, 2], 'plain', null, undefined)
return report
