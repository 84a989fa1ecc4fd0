export const meta = {
  name: 'a11y-audit',
  description: 'Accessibility audit ♿: nested parallel inside a pipeline, per page and per criterion',
  phases: [{ title: 'Audit' }, { title: 'Fix' }],
}

const PAGES = ['/', '/connexion', '/paiement']
const CRITERIA = [
  ['1.1.1', 'text alternatives'],
  ['1.4.3', 'contrast'],
  ['2.1.1', 'keyboard'],
  ['4.1.2', 'name, role, value'],
]

const results = await pipeline(
  PAGES,
  page =>
    parallel(
      CRITERIA.map(
        ([id, what]) =>
          () =>
            agent(`Audit ${page} for WCAG ${id} (${what}). List violations with selectors.`, {
              label: `${page} ${id}`,
              phase: 'Audit',
              schema: {
                type: 'object',
                properties: {
                  violations: {
                    type: 'array',
                    items: {
                      type: 'object',
                      properties: {
                        selector: { type: 'string' },
                        impact: { enum: ['minor', 'serious', 'critical'] },
                      },
                      required: ['selector', 'impact'],
                    },
                  },
                },
                required: ['violations'],
              },
            }),
      ),
    ),
  (byCriterion, page) => ({
    page,
    found: byCriterion.flatMap((r, i) =>
      (r?.violations ?? []).map(v => ({ ...v, criterion: CRITERIA[i][0] })),
    ),
    unchecked: byCriterion.filter(r => r === null).length,
  }),
  async r => {
    const urgent = r.found.filter(v => v.impact !== 'minor')
    if (urgent.length === 0) return { ...r, fixed: 0 }
    const perCriterion = Object.entries(Object.groupBy(urgent, v => v.criterion))
    const fixes = await parallel(
      perCriterion.map(
        ([c, list]) =>
          () =>
            agent(
              `Fix ${list.length} violations of ${c} on ${r.page}: ${list.map(v => v.selector).join(', ')}`,
              { label: `fix ${r.page} ${c}`, phase: 'Fix', isolation: 'worktree' },
            ),
      ),
    )
    return { ...r, fixed: fixes.filter(Boolean).length }
  },
)
return results.map(r => r && `${r.page}: ${r.found.length} found, ${r.unchecked} unchecked, ${r.fixed} fixed`)
