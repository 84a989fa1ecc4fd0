export const meta = { name: 'must', description: 'Asserts what it needs' }
function must(value, what) {
  if (value === null || value === undefined) throw new Error(`${what} is missing`)
  return value
}
const S = { type: 'object', required: ['owner', 'tasks'], properties: { owner: { type: 'string' }, tasks: { type: 'array', maxItems: 5, items: { type: 'string' } } } }
const plan = must(await agent('Plan the sprint.', { label: 'plan', schema: S }), 'the plan')
const review = await agent(`Review the plan of ${plan.owner}: ${plan.tasks.join('; ')}`, { label: 'review', schema: S })
must(review, 'the review')
return { plan, changed: review.tasks.filter(t => !plan.tasks.includes(t)) }
