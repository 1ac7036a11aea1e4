"""The styles of the document: only those it uses, with the fonts the standard names."""

from typing import Any

BODY, HEADING, HEADING_2, TITLE = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"
CHART = "宋体"


def _fonts(name: str) -> str:
    return f'<w:rFonts w:ascii="{name}" w:hAnsi="{name}" w:eastAsia="{name}" w:cs="{name}"/>'


def _size(half_points: int) -> str:
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


def _style(key: str, name: str, paragraph: str = "", run: str = "", base: str = "Normal") -> str:
    return f"""
<w:style w:type="paragraph" w:styleId="{key}">
  <w:name w:val="{name}"/><w:basedOn w:val="{base}"/><w:qFormat/>
  <w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr>
</w:style>"""


INDENT = '<w:ind w:firstLineChars="200" w:firstLine="640"/>'
KEEP = "<w:keepNext/>"
PLAIN = '<w:spacing w:val="0"/>'

# The office's name begins 35 mm below the upper edge of the text (GB/T 9704, 7.2.4); the red rule
# is 4 mm below the number and as wide as the text (7.2.7).
STYLES = f"""
<w:styles {{ns}}>
<w:docDefaults>
  <w:rPrDefault><w:rPr>
    {_fonts(BODY)}{_size(32)}<w:lang w:val="en-US" w:eastAsia="zh-CN"/>
  </w:rPr></w:rPrDefault>
  <w:pPrDefault/>
</w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal">
  <w:name w:val="Normal"/>
  <w:pPr>
    <w:widowControl w:val="0"/><w:spacing w:before="0" w:after="0" w:line="579" w:lineRule="exact"/>
    <w:jc w:val="both"/>
  </w:pPr>
  <w:rPr><w:spacing w:val="-5"/></w:rPr>
</w:style>
<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">
  <w:name w:val="Default Paragraph Font"/>
</w:style>
<w:style w:type="table" w:default="1" w:styleId="TableNormal">
  <w:name w:val="Normal Table"/>
</w:style>
{
    _style(
        "Title",
        "Title",
        '<w:snapToGrid w:val="0"/><w:jc w:val="center"/>',
        _fonts(TITLE) + PLAIN + _size(44),
    )
}
{
    _style(
        "RedOffice",
        "Red Office",
        '<w:snapToGrid w:val="0"/><w:spacing w:before="1984" w:line="1100" w:lineRule="exact"/>'
        '<w:jc w:val="center"/>',
        f'{_fonts(TITLE)}<w:color w:val="FF0000"/>{PLAIN}{_size(84)}',
    )
}
{_style("RedNumber", "Red Number", '<w:spacing w:before="1158"/><w:jc w:val="center"/>')}
{
    _style(
        "RedSides",
        "Red Sides",
        '<w:tabs><w:tab w:val="right" w:pos="8844"/></w:tabs><w:jc w:val="left"/>',
    )
}
{
    _style(
        "RedRule",
        "Red Rule",
        '<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="0" w:color="FF0000"/></w:pBdr>'
        '<w:snapToGrid w:val="0"/><w:spacing w:line="227" w:lineRule="exact"/>',
    )
}
{_style("Addressee", "Addressee")}
{_style("Body", "Body", INDENT)}
{_style("Heading1", "heading 1", f'{KEEP}{INDENT}<w:outlineLvl w:val="0"/>', _fonts(HEADING))}
{_style("Heading2", "heading 2", f'{KEEP}{INDENT}<w:outlineLvl w:val="1"/>', _fonts(HEADING_2))}
{_style("Heading3", "heading 3", f'{KEEP}{INDENT}<w:outlineLvl w:val="2"/>')}
{_style("Heading4", "heading 4", f'{KEEP}{INDENT}<w:outlineLvl w:val="3"/>')}
{_style("Closing", "Closing", f'{KEEP}<w:jc w:val="left"/>')}
{_style("Signature", "Signature", '<w:jc w:val="left"/>')}
{
    _style(
        "Imprint",
        "Imprint",
        '<w:pBdr><w:top w:val="single" w:sz="6" w:space="1" w:color="000000"/>'
        '<w:bottom w:val="single" w:sz="6" w:space="1" w:color="000000"/>'
        '<w:between w:val="single" w:sz="4" w:space="1" w:color="000000"/></w:pBdr>'
        '<w:ind w:left="280" w:right="280"/><w:jc w:val="left"/>',
        _size(28),
    )
}
{_style("AnnexLabel", "Annex Label", KEEP, _fonts(HEADING))}
{
    _style(
        "AnnexTitle",
        "Annex Title",
        f'{KEEP}<w:snapToGrid w:val="0"/><w:spacing w:before="579" w:after="579"/>'
        '<w:jc w:val="center"/>',
        _fonts(TITLE) + PLAIN + _size(44),
    )
}
{
    _style(
        "TableText",
        "Table Text",
        '<w:snapToGrid w:val="0"/>'
        '<w:spacing w:before="50" w:after="50" w:line="300" w:lineRule="exact"/>',
        PLAIN + _size(24),
    )
}
{_style("TableLast", "Table Last", KEEP, base="TableText")}
{_style("TableHead", "Table Head", KEEP, _fonts(HEADING), base="TableText")}
{_style("Chart", "Chart", '<w:snapToGrid w:val="0"/><w:spacing w:line="240" w:lineRule="auto"/>')}
{_style("AfterTable", "After Table", '<w:spacing w:line="20" w:lineRule="exact"/>', _size(2))}
{_style("Footer", "footer", "", _fonts("宋体") + PLAIN + _size(28))}
</w:styles>"""


def write(document: Any, text: str = "", style: str = "Normal") -> Any:
    """A new last paragraph. The library would look each style up among all; its id is its name."""
    paragraph = document.add_paragraph(text)
    paragraph._element.style = style.replace(" ", "")
    return paragraph
