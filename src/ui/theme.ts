/** How the console looks: Mantine's theme, with contrasts that WCAG AA asks for in both color schemes. */
import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  parseThemeColor,
  type VariantColorsResolver,
} from '@mantine/core'

/** Of a light button or badge: text that is read on its own tint. (Mantine's own reaches 3:1 only.) */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input)
  const { isThemeColor, color } = parseThemeColor({
    color: input.color ?? input.theme.primaryColor,
    theme: input.theme,
  })
  if (!isThemeColor || !['light', 'subtle', 'outline', 'transparent'].includes(input.variant)) return colors
  const dark = DARK[color] ?? `var(--mantine-color-${color}-9)`
  return { ...colors, color: `light-dark(${dark}, var(--mantine-color-${color}-2))` }
}

/** Text on its own tint, also on the stronger one under the pointer: 4.5 to 1 at the least. */
const DARK: Readonly<Record<string, string>> = {
  indigo: '#2b3ea8',
  red: '#961616',
  teal: '#06573f',
  green: '#1d5a28',
  yellow: '#6b4700',
  orange: '#7a3200',
}

export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  variantColorResolver,
  defaultRadius: 'md',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '650' },
  components: { Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } } },
})

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-7)',
    '--mantine-color-anchor': 'var(--mantine-color-indigo-9)',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    '--mantine-color-body': '#fbfbfd',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-1)',
    '--mantine-color-anchor': 'var(--mantine-color-indigo-3)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
  },
})
