export const meta = {
  name: 'lint-gate',
  description: 'Does the linter pass? Found relative to the working directory',
}

const verdict = await agent(`Run the linter on ${args?.paths?.join(' ') ?? '.'} and fix what is fixable.`, {
  label: 'lint',
  schema: {
    type: 'object',
    properties: { clean: { type: 'boolean' }, remaining: { type: 'integer', minimum: 0, maximum: 99 } },
    required: ['clean', 'remaining'],
  },
})
return verdict ?? { clean: false, remaining: null }
