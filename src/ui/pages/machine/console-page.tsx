/** The consoles of a machine on a page of their own: for a window beside the others. */
import { useParams } from 'react-router'
import { PageFrame } from '../../parts/page-frame.tsx'
import { ConsoleTab } from './console-tab.tsx'

export function ConsolePage() {
  const { name = '' } = useParams()
  return (
    <PageFrame title={`Console of ${name}`}>
      <ConsoleTab name={name} />
    </PageFrame>
  )
}
