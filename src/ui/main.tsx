/** The console's first step in the browser: styles, providers, and the application below them. */
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './look.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { setNonce } from 'get-nonce'
import { createRoot } from 'react-dom/client'
import { BrowserRouter } from 'react-router'
import { Refusal } from './api.ts'
import { App } from './app.tsx'
import { nonce } from './nonce.ts'
import { cssVariables, theme } from './theme.ts'

// For libraries that lock the page's scrolling with a style of their own.
setNonce(nonce())

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      // What was refused is refused again; what was not reached may be there in a moment.
      retry: (count, error) => !(error instanceof Refusal) && count < 2,
    },
  },
})

const root = document.getElementById('root')
if (!root) throw new Error('the page has no place for the console')
createRoot(root).render(
  <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={nonce}>
    <QueryClientProvider client={queries}>
      <Notifications position="bottom-right" />
      <BrowserRouter basename="/ui">
        <App />
      </BrowserRouter>
    </QueryClientProvider>
  </MantineProvider>,
)
