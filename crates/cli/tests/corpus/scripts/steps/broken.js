export const meta = { name: 'broken', description: 'Left half-edited, as scripts are' }

const answer = await agent('This never runs', { label: 'never' }
return answer
