import vue from 'eslint-plugin-vue'
import a11y from 'eslint-plugin-vuejs-accessibility'
import ts from 'typescript-eslint'

export default ts.config(
  { ignores: ['node_modules', 'test-results'] },
  ...ts.configs.recommended,
  ...vue.configs['flat/essential'],
  ...a11y.configs['flat/recommended'],
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    files: ['public/**/*.js', 'scripts/**/*.mjs', 'tests/**/*.mjs'],
    rules: { '@typescript-eslint/no-unused-vars': ['error', { caughtErrors: 'none' }] },
  },
  {
    files: ['src/**/*.ts', 'src/**/*.vue'],
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true }],
      'no-restricted-imports': ['error', { patterns: [{ regex: '^\\.\\./(?!\\.\\./scripts/)', message: 'From another folder of src: @/.' }] }],
      'vue/no-static-inline-styles': 'error', // the content policy would drop them
      'vue/no-v-html': 'error',
      'vue/multi-word-component-names': 'off',
      'vue/max-lines-per-block': ['error', { template: 150, script: 150, skipBlankLines: true }],
      'vuejs-accessibility/label-has-for': 'off', // wants nesting and id both
      'vuejs-accessibility/no-autofocus': 'off',
    },
  },
)
