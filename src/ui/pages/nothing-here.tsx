/** A path that leads to no page. */
import { Anchor, Text } from '@mantine/core'
import { Link } from 'react-router'
import { PageFrame } from '../parts/page-frame.tsx'

export function NothingHere() {
  return (
    <PageFrame title="Nothing here">
      <Text>
        No page has this address.{' '}
        <Anchor component={Link} to="/" underline="always">
          Go to the overview
        </Anchor>
        , or press Ctrl-K to look for something.
      </Text>
    </PageFrame>
  )
}
