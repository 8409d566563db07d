"""What people type that is no question about the text, made from frames and slots, with what looks like it and is one.

In: titles and topics (spans that answer questions of the training sets). Out: `Made` examples, English and Chinese: of the kinds of
`rag.reading.intents`, and of "text" where the words of such a frame ask about the documents' content ("How many documents must be handed
in with the application?"). A frame is words with alternatives, "[a|b|]", macros, "<docs>", and slots, "{topic}"; frames that begin with "*"
are held out by their wording.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

MACROS = {
    "docs": "[documents|files|docs|documents|files|texts|papers|articles|notes]",
    "doc": "[document|file|doc|document|file|text|paper|article|note|thing|item]",
    "kinds": "[report|memo|paper|article|letter|minutes|contract|essay|guide|manual|notice|study|note|text|document|file|plan|policy|agreement|lease|handbook|interview|invoice|transcript|brochure|story|chapter|speech|thesis|statute|proposal|presentation|review|diary]",
    "here": "[this folder|this folder|our folder|your folder|the library's folder|the office's folder|the team's archive|the folder|here|there|the index|my folder|this collection|the collection|the archive|the library|the corpus|the knowledge base"
    "|this directory|my files|the set]",
    "say": "[mention|mention|mention|mention|mention|mention|mention|talk about|talk about|contain|contain|are about|are about|are about|discuss|discuss|bring up|name|speak about|say something about|say anything about|write about|have to do with|cover|deal with|talk about|contain|refer to|are about|are on|concern|touch on|speak of|include|describe]",
    "says": "[mentions|mentions|mentions|mentions|mentions|mentions|talks about|talks about|contains|is about|is about|discusses|brings up|names|is to do with|says something about|discusses|covers|deals with|talks about|contains|refers to|is about|concerns|touches on|speaks of|describes]",
    "please": "[please |can you |could you |could you please |would you |I want you to |hey, |||||]",
    "give": "[give me|show me|show|tell me|I need|I want|I'd like|get me|can I see|can I have|may I have|let me see]",
    "文": "[文档|文件|资料|文章|材料|文档|文件]",
    "里": "[这里|这里头|里头|里面|这里面|手头|文件夹里|这个文件夹里|这个文件夹中|库里|知识库中|目录下|目录里|资料库中|索引里|这批资料里|]",
    "提": "[提到了|说到了|讲到了|提到|提及|谈到|涉及|讲到|说到|讨论|包含|写到|介绍|有关|关于]",
    "请": "[请|请你|麻烦|帮我|请帮我|能不能|能否|可以|||||]",
    "给": "[给我|列给我|告诉我|让我看看|我想看|我要|给出|请给我]",
    "篇": "[报告|备忘录|论文|文章|信|会议纪要|合同|指南|手册|通知|文件|文档|方案|说明|租约|章程|条例|访谈|演讲|协议|制度|须知]",
}  # fmt: skip

FRAMES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "en": {
        "chat": """
            [hi|hello|hey|hi there|hello there|hey there|good morning|good afternoon|good evening|howdy|greetings|yo|hiya][ everyone| friend| assistant| again|!|.|]
            [thanks|thank you|thx|many thanks|thanks a lot|thank you very much|thank you so much|cheers|much appreciated|ta][!|.| for your help| for the answer| for that||]
            [great|good|perfect|nice|cool|awesome|excellent|wonderful|super|fine|well done|good job|very good|got it|i see|understood|alright|all right][!|.|, thanks|, thank you|]
            [ok|okay|k|yes|no|yep|nope|sure|right|hm|hmm|oh|aha|wow|lol|haha|never mind|forget it][.|!|, thanks|]
            [bye|goodbye|see you|see you later|bye bye|good night|have a nice day|take care|so long|that's all|that is all for now][!|.|]
            [how are you|how are you doing|how is it going|how do you do|what's up|how are things|are you there|are you ok][ today|?|]
            [who are you|what are you|what is your name|what's your name|are you a robot|are you human|are you an ai|who made you|who built you]
            [what can you do|what can I ask|what can I ask you|how does this work|how do I use this|what do you do|help|help me|what is this|how can you help me]
            [nice to meet you|pleased to meet you|i am {person}|my name is {person}|it's me]
            [test|testing|test test|just testing|is this on|asdf|foo|blah|...]
            [sorry|i am sorry|my mistake|oops|excuse me|pardon|no problem|you're welcome|that was wrong|wrong|that's not right|that's right|correct|you are right]
            *[hello, good to see you|welcome back|happy to be here|good to be back]
            *[that helps|that was helpful|very helpful|this is useful|i appreciate it|brilliant]
        """,
        "command": """
            <please>translate [{title}|{file}|the <kinds>|this|the text|it|the answer|everything|{topic}] [into|to] [French|German|Spanish|Chinese|English|Italian|Japanese]
            <please>write [me |][a|an] [poem|song|story|joke|essay|letter|email|tweet|blog post|haiku|speech|cover letter|novel|limerick] [about|on|for] {topic}
            <please>write [a|an|some] [python |bash |javascript |][script|program|function|code|class] [that|which|to] [sorts|reads|prints|parses|downloads] {topic}
            <please>[delete|remove|erase|trash|throw away|get rid of] [{file}|{title}|the <kinds>|all <docs>|this <doc>|the <kinds> about {topic}]
            <please>[rename|move|copy|open|print|save|download|upload|export|zip|archive|encrypt|edit|close] [{file}|{title}|the <kinds> about {topic}|this <doc>|all <docs>]
            <please>remind me [to read {title}|about {topic}|tomorrow|of {topic}|to call {person}|at 5|next week]
            <please>[send|forward|mail|email] [{file}|{title}|this|the <kinds>|an email|a message|a reply|it] to {person}
            <please>[set|start] [a timer|an alarm|a reminder] [for|at] [ten minutes|7 am|tomorrow|one hour]
            <please>[book|order|buy|reserve] [a flight|a table|a hotel|a ticket|tickets|a pizza|lunch] [for|to|in|at] {topic}
            <please>[play|sing|draw|paint|generate] [some music|a song|a picture of {topic}|an image of {topic}|a logo|a chart of {topic}]
            <please>[call|phone|text|message] {person}
            <please>tell me a [joke|story|riddle|fairy tale][ about {topic}|]
            <please>[rewrite|correct|improve|shorten|proofread|reformat|paraphrase] [{title}|{file}|the <kinds>|this text|my essay|my letter|the <kinds> about {topic}]
            <please>[turn on|turn off|switch on|switch off|restart|shut down] [the light|the computer|dark mode|the server|notifications]
            <please>[create|make|add|insert] [a new <doc>|a <doc> about {topic}|a folder|a table of {topic}|a presentation about {topic}|an appointment with {person}|slides on {topic}]
            <please>[search|google|look up|browse] [the web|the internet|online] for {topic}
            <please>[convert|turn|change] [{file}|{title}|the <kinds>|this] [into|to] [a pdf|pdf|word|html|a spreadsheet|mp3|csv]
            <please>[schedule|cancel|postpone] [a meeting|the meeting|a call|the appointment] with {person}
            <please>[sign|pay|submit|approve|fill in] [the contract|the bill|{title}|the form|{file}]
            *<please>[compose|draft] [a reply|an answer|a message|an invitation] to {person}[ about {topic}|]
            *<please>read [{title}|{file}|it] [aloud|out loud|out to me]
        """,
        "count": """
            how many <docs> [are there|do you have|are here|are in here|have you got|are indexed|did you index|are loaded|do you know|have been indexed|can you see|exist|are there in total|are there altogether|have you read|do I have|is that|can I ask about][ in <here>|]
            how many <docs> [in total|are in <here>|does <here> have|does <here> contain|does <here> hold|are stored in <here>|lie in <here>]
            [what is|what's|tell me|<give>] the [total |]number of <docs>[ in <here>| you have| that are indexed| there are|]
            <please>count [the|all|all the|my|all my] [<docs>|{type} <docs>|{language} <docs>|<docs> about {topic}][ in <here>|]
            [number of <docs>|<doc> count|total <docs>|count of <docs>][ in <here>|]
            how many {type} <docs> [are there|do you have|are in <here>|do I have|have you got]
            how many {type}[s|] [are there|do you have|are in <here>|do I have]
            how many <docs> are [in {language}|written in {language}|{language}|{type}s|{type} <docs>]
            how many {language} <docs> [are there|do you have|are in <here>]
            how many [of the |of my |of these |]<docs> <say> {topic}
            in how many <docs> [is|are] {topic} [mentioned|discussed|talked about|found|covered]
            in how many <docs> [does|do] {topic} [occur|appear|come up|show up]
            how many <docs> [do you have|are there|have you got] [about|on|regarding|concerning] {topic}
            [how large|how big] is [<here>|the collection], [in <docs>|how many <docs>]
            how many <docs> could not be [read|opened|indexed|searched]
            *[what's|what is] the <doc> count [here|of <here>|now]
            *[so |and |]how many <docs> [did I give you|are we talking about|do we have]
        """,
        "list": """
            <please>list [all |all the |the |my |every |][<docs>|{type} <docs>|{language} <docs>|{type}s][ in <here>| you have| here|]
            [what|which] <docs> [do you have|are there|are in <here>|are here|have you got|are indexed|have been indexed|can you see|do you know|are available|do I have|can I ask about|have you read|did you read]
            [what|which] {type} <docs> [do you have|are there|are in <here>|do I have]
            [what|which] {language} <docs> [do you have|are there|are in <here>]
            <give> [all |all the |the |my |a list of |a list of all |the list of ][<docs>|{type} <docs>|{language} <docs>][ in <here>| you have|]
            [names|titles] of [all |all the |the |][<docs>|{type} <docs>][ in <here>|]
            [what are|tell me|give me] the [names|titles] of [all |the |my |][<docs>]
            [list of <docs>|<doc> list|all <docs>|index of <docs>|file names|file listing|table of contents of the folder]
            [which|what] [of the |of my |]<docs> are [in {language}|{type}s|{type} <docs>|written in {language}]
            [which|what] <docs> [could not|couldn't] be [read|opened|indexed|searched]
            <give> every {type} <doc>[ you can see| you have| in <here>|]
            <please>[list|name|show me] [the |all |all the |][{language} <docs>|{type} <docs>][ in <here>|]
            <please>enumerate [the|all|all the] <docs>
            *[what's|what is] on the list of <docs>
            *name [all|every one of|each of] [the|my] <docs>
        """,
        "mention": """
            [which|what] <docs> <say> [{topic}|{topic}|{person}]
            [which|what] <doc> <says> [{topic}|{topic}|{person}]
            how many <docs> <say> [{topic}|{topic}|{person}]
            [which|what] [of the |of my |of these ]<docs> <say> {topic}
            <please>[find|show|list|give me|show me|get|search for|look for|pull up|name] [all |all the |the |every |any |me |][<docs>|notes|memos|reports|letters] [about|on|that mention|mentioning|that deal with|regarding|concerning|related to|containing|that talk about|which discuss|with] {topic}
            [where|in which <doc>|in which <docs>|in what <doc>|in which of the <docs>] [is|are] {topic} [mentioned|discussed|talked about|covered|found|described|brought up|named]
            [in which <doc>|in which <docs>|in what <docs>] [does|do] {topic} [occur|appear|come up|show up]
            [is|are] there [anything|something|any <docs>|a <doc>|any <doc>|anything at all|information|any information] [about|on|regarding|concerning|that mentions] {topic}[ in <here>| here|]
            [do you have|have you got|do we have] [anything|something|any <docs>|a <doc>|any <doc>|information|anything at all] [about|on|regarding|concerning|that mentions] {topic}
            [does|do] [any|any of the|any of my|one of the|any of these] [<doc>|<docs>] [mention|talk about|deal with|discuss|cover|contain|say something about] {topic}
            [<docs> about|<docs> on|<docs> mentioning|everything about|mentions of|all mentions of|references to|anything on] {topic}
            [who|what] mentions {topic} in [the <docs>|<here>|these <docs>]
            [is|are|was|were] {topic} mentioned [anywhere|in <here>|in any <doc>|somewhere|in the <docs>|in one of the <docs>]
            [which|what] <docs> [are|is] [relevant to|related to|important for|useful for] {topic}
            [which|what] <docs> should I [read|look at|open] [about|on|for|to learn about] {topic}
            [which|what] of [these|them|the files] <say> {topic}
            [is|are] there [anything|something|a <doc>|any <doc>] [in here |in <here> |here |]that [mentions|brings up|names|talks about|deals with|discusses|covers] {topic}
            [in which|which] [one|ones] [is|are|do they mention|do you find] {topic}
            I [want|need|'d like] to [know|learn|find out] about {topic}, which <doc> [should I open|is it in|has it]
            *[which|what] <docs> have [something|anything|a word] to say [about|on] {topic}
            *where [can I|do I|could I] [read|find something|find anything] about {topic}
        """,
        "newest": """
            [what is|what's|which is|show me|give me|tell me|find|open][ the] [newest|latest|most recent|most recently dated|youngest|last] <doc>[ in <here>| you have| here|]
            [which|what] <doc> is [the newest|the latest|the most recent|newest|most recent|the youngest|the most up to date]
            [the |][newest|latest|most recent] <doc>
            [list|show me|give me|what are] the [newest|latest|most recent] [<docs>|{type} <docs>]
            [which|what] <docs> are [the newest|the latest|newest|most recent|the most recent]
            [which|what] <doc> was [written|made|dated|created|published|added] [last|most recently|latest]
            [what is|which is] the [newest|latest|most recent] <doc> [about|on|that mentions|regarding] {topic}
            the [newest|latest|most recent] [<doc>|<kinds>] [about|on] {topic}
            [what is|show me] the [newest|latest] {type}[ <doc>|]
            [which|what] [is|was] the [newest|latest|most recent] [thing|item|one|entry|piece] in <here>
            [which|what] <doc> [has|is of|is from] the [latest|newest|most recent] [date|day|year]
            *[which|what] of the <docs> [carries|bears|has] the [latest|most recent|newest] date
            *[what's|what is] [new|the last thing that was added] in <here>
        """,
        "oldest": """
            [what is|what's|which is|show me|give me|tell me|find|open][ the] [oldest|earliest|first|most ancient|least recent] <doc>[ in <here>| you have| here|]
            [which|what] <doc> is [the oldest|the earliest|oldest|the least recent|the most dated]
            [the |][oldest|earliest] <doc>
            [list|show me|give me|what are] the [oldest|earliest] [<docs>|{type} <docs>]
            [which|what] <docs> are [the oldest|the earliest|oldest]
            [which|what] <doc> was [written|made|dated|created|published|added] [first|earliest]
            [what is|which is] the [oldest|earliest] <doc> [about|on|that mentions|regarding] {topic}
            the [oldest|earliest] [<doc>|<kinds>] [about|on] {topic}
            [what is|show me] the [oldest|earliest] {type}[ <doc>|]
            [which|what] [is|was] the [oldest|earliest] [thing|item|one|entry|piece] in <here>
            [which|what] <doc> [has|is of|is from] the [earliest|oldest] [date|day|year]
            [which|what] <doc> [here |in <here> |]goes back [the furthest|furthest|the longest|the farthest|farthest]
            *[which|what] of the <docs> [carries|bears|has] the [earliest|oldest] date
            *[which|what] <doc> [dates back to|comes from] the [earliest|oldest] time
        """,
        "longest": """
            [what is|what's|which is|show me|give me|tell me|find|open][ the] [longest|largest|biggest|lengthiest] <doc>[ in <here>| you have| here|]
            [which|what] <doc> is [the longest|the largest|the biggest|longest|the lengthiest]
            [the |][longest|largest|biggest] <doc>
            [list|show me|give me|what are] the [longest|largest|biggest] [<docs>|{type} <docs>]
            [which|what] <docs> are [the longest|the largest|longest|the biggest]
            [which|what] <doc> has the most [words|text|pages|characters|lines]
            [what is|which is] the [longest|largest] <doc> [about|on|that mentions] {topic}
            [what is|show me] the [longest|largest|biggest] {type}[ <doc>|]
            which <doc> [takes|would take] the longest to read
            [which|what] [is|was] the [longest|largest|biggest] [thing|item|one|entry|piece] in <here>
            *[which|what] of the <docs> is the [lengthiest|longest|biggest] [one|of them|of all]
            *[which|what] <doc> [holds|contains] the most [text|words]
        """,
        "author": """
            who [wrote|authored|is the author of|was the author of|has written|is the writer of|are the authors of|drafted|composed|penned] [{title}|{file}|the <kinds> on {topic}|the <kinds> about {topic}|"{title}"|the <kinds> {title}]
            [what is the name of |who is |]the author of [{title}|{file}|the <kinds> on {topic}|the <kinds> about {topic}|"{title}"]
            author of [{title}|{file}|the <kinds> on {topic}]
            [by whom|by whom was] {title} [was written|written]
            by whom was [{title}|{file}|the <kinds> about {topic}|the <kinds> on {topic}] [written|authored|drafted]
            [{title}|{file}]: [who wrote it|who is the author|author]
            who [did|has] [write|written] [{title}|{file}|the <kinds> on {topic}]
            [tell me|do you know] who [wrote|authored] [{title}|{file}|the <kinds> about {topic}]
            who is [named|given|listed|mentioned|stated] as [the |][author|writer] of [{title}|{file}|the <kinds> on {topic}|the <kinds> for {topic}|the <kinds> to {topic}|the {topic} <kinds>]
            who [wrote|drafted|is the author of] the [{topic} <kinds>|<kinds> for {topic}|<kinds> to {topic}|<kinds> of {topic}]
            *whose work is [{title}|{file}|the <kinds> on {topic}]
            *[{title}|{file}] [is|was] written by whom
        """,
        "written": """
            when was [{title}|{file}|the <kinds> on {topic}|the <kinds> about {topic}|"{title}"|the <kinds> {title}] [written|published|dated|made|created|released|issued|drafted]
            [what is|what's|tell me] the date of [{title}|{file}|the <kinds> on {topic}|the <kinds> about {topic}]
            [date|publication date] of [{title}|{file}|the <kinds> about {topic}]
            [what|which] [date|year|day] [is|was] [{title}|{file}|the <kinds> on {topic}] [from|written|of|published]
            how old is [{title}|{file}|the <kinds> on {topic}|the <kinds> about {topic}]
            when [did|does] [{title}|{file}|the <kinds> on {topic}] [come out|appear|date from|date to]
            from [when|what year|which year] is [{title}|{file}|the <kinds> on {topic}|the <kinds> about {topic}]
            [{title}|{file}]: [when was it written|date|when]
            [what|which] date is on [{title}|{file}|the <kinds> on {topic}|the <kinds> about {topic}|the {topic} <kinds>]
            when was the [{topic} <kinds>|<kinds> for {topic}|<kinds> to {topic}] [written|dated|issued|drafted|published]
            *[what|which] date does [{title}|{file}|the <kinds> on {topic}] [carry|bear|have]
            *in [what|which] year was [{title}|{file}|the <kinds> about {topic}] [written|published]
        """,
        "contents": """
            what is in [<here>|here|these <docs>|the <docs>|my <docs>]
            what's in [<here>|here|there|these <docs>|the <docs>|my <docs>]
            what [do|does] [<here>|the <docs>|these <docs>|my <docs>|all the <docs>] [contain|cover|deal with|consist of|hold|talk about|say]
            what [are|is] [the <docs>|these <docs>|<here>|my <docs>|all this|this collection] about
            [what topics|what subjects|which topics|which subjects|what themes] [are there|do the <docs> cover|are covered|does <here> cover|are in <here>|are in here]
            [give me|show me|I want|I need] an overview[ of <here>| of the <docs>| of everything| of all <docs>| of what is here|]
            [overview|contents|table of contents|inventory|overview of the <docs>|contents of <here>|what is all this|what do we have here|what have you got|what do you have|what do you have here]
            [describe|explain] [<here>|the collection|these <docs>|the <docs>]
            what kind of <docs> [are there|are these|do you have|are in <here>|is this]
            what can I [find|learn|read] [here|in <here>|in these <docs>|in the <docs>|from these <docs>]
            what [do you know|do you know about|information do you have|kind of information is here|sort of things are in here|knowledge do you have]
            *what [sort|type|kinds] of [things|stuff|material|topics|content] [is|are] in <here>
            *what am I looking at[ here|]
        """,
        "summary": """
            <please>[summarize|summarise|sum up] [the <kinds>|the <kinds> on {topic}|the <kinds> about {topic}|the <kinds> to {person}|{title}|{file}][ for me|]
            what [is the <kinds>|is the <kinds> on {topic}|is {file}] about
            <please>[summarize|summarise|sum up|condense|give a summary of|give me a summary of|make a summary of|write a summary of|recap|outline] [{title}|{file}|the <kinds> on {topic}|the <kinds> about {topic}|"{title}"|the <kinds> {title}]
            <please>[summarize|summarise|sum up|condense|give a summary of|give me a summary of|recap] [everything|all|all <docs>|the <docs>|all the <docs>|these <docs>|<here>|it all|the whole folder|the collection|my <docs>]
            <please>[summarize|summarise|sum up|recap|condense] [{topic}|the {topic}|{title}|the {topic} {topic}]
            [summary|a summary|short summary|brief summary|tl;dr|tldr|abstract|synopsis|gist] of [{title}|{file}|the <kinds> about {topic}|everything|all <docs>|the <docs>|<here>]
            what [is|are] the [main points|key points|gist|essence|main ideas|most important points|takeaways|key messages|main message|key takeaways] of [{title}|{file}|the <kinds> on {topic}|the <kinds> about {topic}|the <docs>|all <docs>|everything]
            what does [{title}|{file}|the <kinds> about {topic}] say [in short|in brief|in a nutshell|overall|in a few sentences|basically]
            [in short|in brief|in a nutshell|in a few sentences|briefly], what [is|does] [{title}|{file}|the <kinds> on {topic}] [about|say]
            what is [{file}|{title}|the <kinds> {title}] about
            [tl;dr|tldr|summary|summarize]: [{title}|{file}]
            [{title}|{file}|the <kinds> on {topic}] [in short|in a nutshell|in three sentences|in brief|summary|tl;dr]
            [give me|tell me] the [gist|essence|short version|main points|highlights|bottom line] of [{title}|{file}|the <kinds> about {topic}|the <docs>|everything]
            <please>[summarize|summarise|sum up|recap|outline] the [{topic} <kinds>|<kinds> for {topic}|<kinds> to {topic}|<kinds> of {topic}][ for me|]
            [in brief|briefly|in short|quickly]: [{title}|{file}|the <kinds> on {topic}]
            [what is|what's] the [short version|bottom line|upshot|core|message] of [{title}|{file}|the <kinds> on {topic}|the {topic} <kinds>]
            <please>[tell me briefly|explain briefly|describe briefly|sketch|give me the essentials of] what [{title}|{file}|the <kinds> on {topic}] [says|is about|contains]
            [I have no time to read|I don't want to read|too long to read:] [{title}|{file}|the <kinds> on {topic}|all this], [give me the main points|what does it say|just the main points]
            condense [{title}|{file}|the <kinds> on {topic}|everything] [to|into] [a few lines|the essentials|five lines|its main points]
            *boil [{title}|{file}|the <kinds> on {topic}|everything|all <docs>] down[ to a few sentences|]
            *what should I [know|remember|take away] from [{title}|{file}|the <kinds> on {topic}|the <docs>]
        """,
        "timeline": """
            [timeline|chronology|a timeline|chronological list|time line] of {topic}
            <please>[make|give me|show|show me|create|build|draw up] [a|the] [timeline|chronology|chronological overview|chronological list] [of|for|about|on] {topic}
            <please>[list|show|show me|give me] [everything|all events|the events|what happened|all that happened|all statements|what was said] [about|with|concerning|around|regarding|to] {topic} [in order of time|in chronological order|chronologically|by date|in order of date|ordered by date|sorted by date]
            what happened [with|to|around] {topic} [over time|over the years|in chronological order|in order|step by step|from beginning to end|and when]
            how did {topic} [develop|evolve|change|unfold|progress] over [time|the years|the months|the course of time]
            [history|development|course|sequence of events] of {topic} [over time|by date|in order of time|in chronological order]
            [in what order|when] did [what happen|things happen|the events happen] [with|around|to|concerning] {topic}
            {topic} [over time|by date|in chronological order|timeline|through the years|chronology]
            [which|what] dates [are|were] [given|mentioned|named|there] [for|about|concerning|around] {topic}
            [what are the dates|what are all the dates|which dates are there|list the dates] in [{title}|{file}|the <kinds> on {topic}]
            [when did what happen|what happened when] [with|to|about|concerning] {topic}
            [events|milestones|key dates|dates|steps] [of|in|for] {topic}[ in order| by date|]
            follow {topic} [over the years|over the months|from the start until today]
            put everything about {topic} in [order of time|order of date|order|chronological order]
            [walk me through|go through] {topic} [chronologically|in order of time]
            *trace {topic} [through time|through the years|over time|from start to finish]
            *[tell me|show me] what was [said|written|reported] about {topic} [when|date by date|year by year|in sequence]
        """,
        "text": """
            [and|what about|how about|and what about|and for|and in|but] {topic}
            what [does|did] [the <kinds>|the <kinds>|{title}|{person}] [say|state|tell|write|have to say] [about|on|regarding] {topic}
            [when|on what day|in which year] [was|were] the [agreement|contract|lease|treaty|rules|roof|bridge|policy] [signed|concluded|renewed|ended|changed|built|repaired|adopted]
            [and |][why|where|when|who|how much|how many|how long|since when|until when|with whom|where now|who else|what then|before that|after that|in that year]
            [and |what about |]a [whole|half|full|single|double|second|third] [day|week|plot|room|hour|year|portion|ticket]
            how many <docs> [must|should|may|can|need to|have to] be [handed in|submitted|attached|filed|signed|kept|sent|shown|provided] [with|for|to|by|in] {topic}
            how many <docs> [did|does|has|had] {person} [sign|delete|send|receive|write|read|lose|publish|file|steal|submit]
            how many <docs> were [lost|found|destroyed|stolen|published|signed|scanned|declassified|recovered|released] [in|by|during|at|from] {topic}
            how many [pages|chapters|words|sections|paragraphs|copies] [does|did] {topic} have
            how many <docs> can {topic} [hold|open|process|store|print] [at once|per day|in an hour|]
            [which|what] <docs> did {person} [delete|send|sign|lose|write|open|bring|change|copy|mention|submit]
            [which|what] <docs> [must|should|do I have to|does one have to|are needed to|are required to|do you need to|need to be] [be submitted|submit|sign|bring|attach|present|keep|provided] [for|with|to] {topic}
            [which|what] <docs> are [required|needed|necessary|accepted|exempt|attached|signed] [for|by|with|in] {topic}
            [which|what] <docs> does {topic} [need|require|use|read|write|support|ship with|contain]
            [where|in which folder] [is|are] [the configuration file|the log files|the <docs>|the settings file] of {topic} [stored|kept|saved|written]
            how many <docs> are [in|inside|at the bottom of|kept in|lying in|listed in|stored in] [{topic}|the {topic}|the box of {person}|the drawer|the chest|the cellar|the safe|the register]
            how many <docs> [came|go|went|come|travel|arrived|are enclosed|belong] [with|along with|together with] {topic}
            how many <docs> does [the borrower|the applicant|each student|a member|{person}|{topic}] [have to|need to|] [write|sign|bring|hand in|keep|read|file]
            [what is|which is|what's] the [oldest|newest|latest|earliest|longest|largest] [<doc>|<kinds>|paper|record] [in|inside|of|from|at] [the {topic}|{topic}|the cellar|the safe|the box|the chest|the museum|the register]
            the [oldest|newest|latest|longest] [<doc>|<kinds>|paper] in the [{topic}|box|chest|safe|drawer], [what is it|what's that|what is it about]
            [list|name|what are] the <docs> that [travel|come|go|belong|are packed|are sent|are enclosed] with {topic}
            [list|name|show] the <docs> [needed|required|enclosed|missing|signed] [for|with|from|by] {topic}
            [which|what] <docs> [came|come|go|went|travel|are packed|were enclosed] with {topic}
            [which|what] <docs> were [missing|torn|wet|burnt|lost|in the box|on the table|in the drawer] [in|from|of] {topic}
            of the <docs> that {person} [deleted|lost|signed|sent], which [one|ones] [had no copy|were found|mentioned {topic}]
            how long is [the|a] [{topic}|guidebook|bridge|lease|tour|contract|film|break|walk]
            who [wrote|drew|drafted|made] the [survey|map|list|report|drawing|offer] [enclosed|that came|sent|attached] with {topic}
            what does [the {topic}|section 2|the chapter|{person}] say about {topic}
            what [happened|was decided|was said] [about|to|with|on] {topic}[ at the meeting| last week|]
            who wrote the [letter|email|petition|foreword|song|music|code|speech|check|complaint] to {person}
            who wrote [to|about|for|against|with] {person}
            who [signed|approved|received|read|published|translated|found|edited] [the <kinds> about {topic}|the <kinds>|{title}]
            who is the [director|owner|head|chair|founder|inventor|president|mayor|leader|manager] of {topic}
            when was {topic} [built|founded|born|opened|destroyed|discovered|invented|closed|repaired|sold|elected]
            when did {person} [write|sign|send|receive|read|publish] [the <kinds>|the letter|it|the <kinds> about {topic}]
            when [must|should|does] [the <kinds>|the application|the form|the payment] be [submitted|renewed|signed|filed|paid] [for {topic}|]
            [what is|which is|who is] the [newest|latest|oldest|first|longest|largest|biggest|earliest|last] [member|building|river|machine|version|employee|bridge|pump|school|model|phone|company|release|song|tree] [of|in|at|on] {topic}
            [what is|which is|what's] the [longest|oldest|largest|newest|latest|earliest] {topic}
            [what is|which is|what's|which was] the [longest|oldest|newest|latest|earliest] [document|file|letter|book|record|map|paper] in the {topic}
            what [is|was] in {topic}
            what does {topic} [contain|consist of|cover|include|mean|do|say about {topic}]
            what [is|are] [the main|the most important|the key] [reason|reasons|cause|cost|rule|goal|part|parts|risk|risks] [of|for|in] {topic}
            what did {person} [say|mention|write|report|ask|answer] about {topic}
            [who|which team|which company|which person|which department] [mentioned|talked about|discussed|complained about|reported on|asked about] {topic}
            [does|do|did|is|was|can|will] {topic} [work|exist|cost money|belong to {person}|affect {topic}|need {topic}|help]
            [is|are] there [a|an|any] [limit|discount|rule|deadline|fee|parking lot|exception|risk|elevator|law] [for|on|at|in|about] {topic}
            [do|does] [we|they|you|the company|the school|the hotel] [have|offer|provide|accept|need] [a|an|any|] {topic}
            [how do I|how can I|how does one|how to] [delete|translate|send|open|rename|list|count|print|copy|summarize|remove|write|sort|find] [{topic}|a file|files|a document|all files|the <kinds>]
            what happened [to|in|at|after|before|with|during] {topic}
            how did {topic} [start|end|begin|win|fail|die|become famous|get its name|lose]
            [what is the history of|what is known about|what do we know about|tell me about|describe|explain] {topic}
            {topic}
            {title}
            what command [deletes|lists|translates|prints|counts|opens] [{topic}|files|a file|all files]
            what was the [summary|conclusion|result|date|title|order|timeline|agenda|author] [of|for|in] {topic}
            [what is the|give the|state the] [name|title|author|date|price|number|length|age|size] of {topic}
            list [the|all|all the|three|some] [members|countries|steps|reasons|parts|rules|cities|names|events|advantages|duties|ingredients] [of|for|in] {topic}
            [explain|describe] [how {topic} works|why {topic} happened|the role of {topic}|the difference between {topic} and {topic}]
            why [was|were|did|is|are] {topic} [deleted|translated|written|mentioned|listed|counted|summarized|sent]
            [how old|how long|how large|how big] [is|was|are] {topic}
            [what is|what's] the [date|time|deadline] [of|for] {topic}
            [can|may|should|must] [I|employees|we|students|visitors] [delete|send|print|open|copy|translate|sign] [the <kinds>|<docs>|{topic}]
            who [mentions|mentioned|recommends|says something about] {topic}
            which [version|edition|article|section|clause|chapter|paragraph] [mentions|deals with|covers|describes] {topic}
        """,
    },
    "zh": {
        "chat": """
            [你好|您好|嗨|哈喽|大家好|早上好|下午好|晚上好|早|你好啊|在吗|在不在|喂][！|。||呀|]
            [谢谢|谢谢你|多谢|非常感谢|感谢|谢了|辛苦了|谢谢您的帮助|太感谢了|麻烦你了][！|。|]
            [好的|好|行|嗯|哦|知道了|明白了|明白|了解|收到|可以|没问题|对|是的|不是|不对|算了|没事][！|。|，谢谢|]
            [再见|拜拜|回头见|下次见|晚安|明天见|先这样|就这样吧|没有别的问题了][！|。|]
            [你是谁|你叫什么|你叫什么名字|你是机器人吗|你是人吗|谁做的你|你是什么|你是人工智能吗]
            [你能做什么|你会什么|你能干什么|怎么用|这个怎么用|能问什么|可以问你什么|帮助|有什么功能|你可以帮我做什么|我能问什么]
            [你好吗|最近怎么样|吃了吗|过得怎么样|今天心情如何]
            [太好了|很好|不错|真棒|厉害|完美|答得好|棒|好极了|有意思][！|。|]
            [对不起|不好意思|抱歉|没关系|不客气|你说得对|你错了|说错了]
            [测试|测试一下|试试|试一下|哈哈|呵呵|啊|哎呀]
            *[很高兴认识你|欢迎回来|又见面了]
            *[帮了大忙|很有帮助|这很有用|学到了]
        """,
        "command": """
            <请>把[{title}|{file}|这篇文章|这份文件|这段话|它|答案|全文][翻译|译]成[英文|英语|法语|日语|德语|中文|西班牙语]
            <请>翻译[一下|][{title}|{file}|这篇文章|这段话|这份文件]
            <请>写[一首|一篇|一个|一封|一段][关于{topic}的|有关{topic}的|][诗|小说|故事|作文|信|邮件|演讲稿|歌词|笑话|日记|广告词]
            <请>[删除|删掉|移除|清空|扔掉][{file}|{title}|这个文件|所有文件|这份文档|关于{topic}的文件]
            <请>[重命名|移动|复制|打开|打印|保存|下载|上传|导出|压缩|加密|编辑|关闭][{file}|{title}|这个文件|所有文件|关于{topic}的文件]
            <请>[提醒我|记得提醒我][明天|下午三点|下周|晚上八点][读{title}|给{person}打电话|开会|处理{topic}|]
            <请>把[{file}|{title}|这份文件|它|答案][发给|寄给|转发给|发邮件给]{person}
            <请>给{person}[发邮件|发消息|打电话|写信|回信]
            <请>[定个闹钟|设个闹钟|定时十分钟|设置提醒|开始计时]
            <请>[订|买|预订|点][一张票|一张机票|酒店|一份外卖|餐厅|两张去{topic}的票]
            <请>[放|唱|画][一首歌|点音乐|一张{topic}的图|一幅画|首歌]
            <请>讲个[笑话|故事][，关于{topic}|]
            <请>[润色|修改|改写|校对|缩短|扩写][{title}|{file}|这篇文章|我的作文|这段文字|一下这份{topic}的报告]
            <请>[打开|关闭|重启][灯|电脑|空调|夜间模式|服务器]
            <请>[新建|创建|做|制作][一个文件|一个文件夹|一份关于{topic}的PPT|一张{topic}的表格|一个演示文稿]
            <请>[上网|在网上|百度|谷歌][搜索|查|搜|查一下]{topic}
            <请>把[{file}|{title}|这个文件][转成|转换成|变成]PDF
            *<请>[起草|草拟][一封给{person}的回信|一份关于{topic}的声明|一个通知]
            *<请>[朗读|念]一下[{title}|{file}|这篇文章]
        """,
        "count": """
            <里>[一共|总共|共|]有[多少|几][个|份|篇|]<文>
            <里>[有几|有多少][个|份|篇]<文>
            [你|这里]有[多少|几][个|份|篇]<文>
            <文>[有多少|有几个|的数量|总数|数量是多少|一共几个|有多少个|有几份]
            [数一下|统计|统计一下|数数][<里>|][有多少|]<文>
            [索引了|收录了|读取了|读了|导入了][多少|几][个|份|篇]<文>
            <里>[有多少|有几][个|份|篇|]{type}[文件|文档|]
            <里>[有多少|有几][个|份|篇]{language}<文>
            [有多少|有几][个|份|篇]<文>[是用|用|是]{language}[写的|]
            [有多少|有几|多少][个|份|篇]<文><提>{topic}
            <提>{topic}的<文>[有多少|有几个|有几份|有多少篇]
            {topic}[在|出现在|被][多少|几][个|份|篇]<文>[中出现|里提到|中提到|提及]
            [有多少|几个]<文>[读不了|无法读取|没有读取成功|打不开]
            <文>[一共|总共][有|][几|多少][份|个]
            [算一下|点一下|数数看|算算][这里|<里>|]有[几|多少][个|份]<文>
            {type}[表格|文件|文档|][一共|总共|]有[几|多少][份|个]
            *[我|咱们][总共|]给了你[多少|几][个|份]<文>
            *[手头|现在]的<文>[共计|合计][多少|几个]
        """,
        "list": """
            <请>[列出|列一下|列举|罗列|显示|展示][所有|全部|所有的|全部的|][<文>|{type}文件|{language}<文>|{type}文档][|的名称|的标题|清单|列表]
            <里>[都有|有|包含|收录了][哪些|什么]<文>
            [你|这里][有|都有|收录了|索引了|读了][哪些|什么]<文>
            <里>有哪些[{type}文件|{language}<文>|{type}文档]
            [所有|全部]<文>[的名字|的标题|的名称|列表|清单|名单]
            <文>[列表|清单|目录|名单|一览]
            <给>[所有|全部|][<文>的|文件的|文档的][名称|列表|清单|标题]
            [哪些|什么]<文>是[{language}的|{type}|用{language}写的]
            [哪些|哪个]<文>[读不了|无法读取|打不开|没有被索引]
            [可以|能]问[哪些|什么]<文>
            [把|将][所有|全部|]<文>[列出来|列一下|都列出来|给我列出来|找出来]
            [把|将]{language}[的|]<文>[列出来|列一下|找出来|都列出来]
            [把|将]{type}[文件|文档|][列出来|都列出来]
            [这里|文件夹里|目录下|库里][放了|存了|存着|放着][哪些|什么]<文>
            [所有|全部|每一份|每个]<文>[都|][说出来|报出来|写出来|给我看看]
            [逐个|一一|挨个][列出|说出|给出]<文>
            [能|可以|让我][看看|看到][哪些|什么]<文>
            <文>[都|各|分别]叫什么[名字|]
            <里>有[哪几份|哪几个|哪几篇]<文>
            [报一下|说一下|说说][所有|全部|]<文>的名[字|称]
            *<里>的<文>[分别|各]是[哪几个|哪些|什么]
            *[把|将][所有|全部]<文>[报|念|说]一遍
        """,
        "mention": """
            [哪些|哪个|哪份|哪几份|哪几个|哪一篇|哪篇|什么]<文>[里|中|]<提>[了|过|]{topic}
            [哪些|哪个|哪份|什么]<文>[是关于|是讲|和|与|跟]{topic}[的|有关|相关]
            [有没有|是否有|有无][关于|有关|提到|涉及]{topic}的<文>
            <请>[找|找出|查找|列出|搜索|搜一下|给出][所有|全部|一下|][关于|有关|提到|涉及|包含|讲]{topic}的[<文>|内容|记录]
            {topic}[在|出现在][哪些|哪个|哪份|哪篇]<文>[里|中|][提到|出现|被提及|讲过|有|]
            [哪里|哪儿|什么地方|在哪][提到|提及|谈到|讲到|写到][了|过|]{topic}
            {topic}[在哪里|在哪儿|在哪份<文>中|在哪些<文>里][被提到|提到|提及|出现|有写]
            <里>[有没有|是否|有][提到|关于|涉及]{topic}[的内容|的资料|的信息|吗|]
            [关于|有关|提到|涉及]{topic}的<文>[有哪些|是哪些|是哪份|]
            [有|存在][任何|什么]关于{topic}的[<文>|信息|内容|资料]吗
            [想了解|要查]{topic}[应该|该|要][看|读|查][哪份|哪些|哪篇]<文>
            [哪几份|哪几个|哪些|哪份|哪个|哪篇][里|里面|里头|中|当中|][说到|提到|讲到|谈到|写到|提及|有|涉及][了|]{topic}
            [提到|说到|谈到|涉及|讲到]{topic}的[有哪些|是哪些|有哪几份|是哪份|都有哪些]
            [哪里|哪份<文>|哪儿|哪个<文>][有写|写着|有讲|讲了|记着|写了]{topic}
            [想看|想找|我要找|我想找|找一下|要找]{topic}[的<文>|的内容|相关的<文>|的记录]
            {topic}[在|][哪里|哪份<文>|哪个<文>][有|能查到|可以找到|能找到]
            [跟|和|与]{topic}[有关|相关]的<文>[有哪些|是哪些|]
            *[哪些|哪份]<文>对{topic}[有所说明|有记载|有描述]
            *[在哪|哪里|哪儿][可以|能]读到{topic}
        """,
        "newest": """
            [最新|最近|最近的|日期最新|最晚]的[一份|一篇|一个|]<文>[是哪个|是什么|是哪份|是哪篇|叫什么|]
            [哪个|哪份|哪篇|什么]<文>[最新|是最新的|日期最近|是最近的|日期最晚]
            [给我|显示|打开|看看|列出]最新的[<文>|几份<文>|{type}文件]
            [最后|最近][写|发布|添加|更新]的<文>[是哪个|是什么|是哪份|]
            [关于|有关|提到]{topic}的最新<文>[是哪个|是什么|是哪份|]
            最新的[{type}文件|{language}<文>|{type}][是哪个|是什么|]
            <里>[年代|日期|时间]最[新|晚|近]的[是哪一份|是哪个|是哪份|<文>是哪份|一份是什么]
            *<文>[里|中|当中][哪个|哪份]的[日期|时间]最[靠后|晚]
            *[新近|最新]一份<文>是什么时候的哪一份
        """,
        "oldest": """
            [最旧|最早|最老|日期最早|最久远]的[一份|一篇|一个|]<文>[是哪个|是什么|是哪份|是哪篇|叫什么|]
            [哪个|哪份|哪篇|什么]<文>[最旧|是最早的|日期最早|最老|是最旧的|最早]
            [给我|显示|打开|看看|列出][最早|最旧]的[<文>|几份<文>|{type}文件]
            [最先|最早][写|发布|添加]的<文>[是哪个|是什么|是哪份|]
            [关于|有关|提到]{topic}的最早<文>[是哪个|是什么|是哪份|]
            [最早|最旧]的[{type}文件|{language}<文>|{type}][是哪个|是什么|]
            <里>[年代|日期|时间]最[早|久远|靠前]的[是哪一份|是哪个|是哪份|<文>是哪份|一份是什么]
            *<文>[里|中|当中][哪个|哪份]的[日期|时间]最[靠前|早]
            *[年代|时间]最久的<文>是[哪份|哪个]
        """,
        "longest": """
            [最长|最大|篇幅最长|字数最多]的[一份|一篇|一个|]<文>[是哪个|是什么|是哪份|是哪篇|叫什么|]
            [哪个|哪份|哪篇|什么]<文>[最长|是最长的|最大|字数最多|篇幅最长|内容最多]
            [给我|显示|打开|看看|列出]最长的[<文>|几份<文>|{type}文件]
            [关于|有关|提到]{topic}的最长<文>[是哪个|是什么|是哪份|]
            最[长|大]的[{type}文件|{language}<文>|{type}][是哪个|是什么|]
            *<文>[里|中|当中][哪个|哪份][的字|的文字|的内容]最多
            *读起来最[费时间|久]的<文>是[哪个|哪份]
        """,
        "author": """
            [{title}|{file}|《{title}》|关于{topic}的<篇>|那篇讲{topic}的<篇>|有关{topic}的<篇>]的作者[是谁|叫什么|是什么人|]
            谁写[了|的|过|]了[{title}|{file}|《{title}》|关于{topic}的<篇>|有关{topic}的<篇>]
            谁写的[{title}|{file}|《{title}》|关于{topic}的<篇>]
            [{title}|{file}|《{title}》|关于{topic}的<篇>][是|]谁写的
            [{title}|{file}|《{title}》|关于{topic}的<篇>][由|是由]谁[撰写|写|起草|编写][的|]
            [写|撰写|起草][{title}|{file}|关于{topic}的<篇>]的[人|是谁|人是谁]
            [{topic}<篇>|{topic}那份<篇>|{topic}的<篇>][的作者是谁|是谁写的|谁写的|的作者是]
            *[{title}|{file}|《{title}》][出自|是][谁手|何人之手|何人所写]
            *[{title}|{file}|关于{topic}的<篇>]的[执笔人|撰稿人][是谁|]
        """,
        "written": """
            [{title}|{file}|《{title}》|关于{topic}的<篇>|那篇讲{topic}的<篇>][是|][什么时候|何时|哪年|哪天|哪一年]写的
            [{title}|{file}|《{title}》|关于{topic}的<篇>][是|][什么时候|何时|哪年|哪天|哪一年][发布|发表|完成|起草|出]的
            [{title}|{file}|《{title}》|关于{topic}的<篇>]的[日期|发布日期|写作时间|时间|发表时间|成文日期][是什么|是哪天|是什么时候|]
            [{title}|{file}|《{title}》|关于{topic}的<篇>]写于[何时|什么时候|哪年|哪一天]
            [{title}|{file}|关于{topic}的<篇>]是[哪年|什么时候|哪天]的
            [什么时候|何时][写|发布|发表]的[{title}|{file}|《{title}》|关于{topic}的<篇>]
            [{title}|{file}|{topic}那份<篇>|{topic}的<篇>][落的|签的|写的|标的]是[哪天|哪一天|什么时候|什么]的日期
            [{topic}那份<篇>|{topic}<篇>][是|]什么时候[写|签|发|定]的
            *[{title}|{file}|《{title}》]上[标|写|注明]的日期是[哪天|什么]
            *[{title}|{file}|关于{topic}的<篇>][成文|定稿]于[何时|哪年]
        """,
        "contents": """
            <里>[有什么|都有什么|有些什么|有哪些内容|有什么内容|是什么内容|都是什么]
            [这些|所有|全部|这批]<文>[讲了什么|是关于什么的|说的是什么|都讲些什么|有什么内容|主要内容是什么|包括什么]
            [这个文件夹|文件夹|资料库|知识库|目录][里|中|][有什么|有些什么|的内容|是什么|包含什么|包含哪些内容|的内容是什么]
            [给我|来][一个|个|][概览|总览|概况|内容概览|内容目录]
            [你|这里][知道些什么|有什么资料|有什么|有哪些信息|有哪些主题|都有什么内容]
            [涉及|包含|涵盖|覆盖][哪些|什么][主题|话题|内容|领域]
            <文>[都|][涉及|包含|涵盖][哪些|什么][主题|话题|内容|领域]
            [介绍一下|描述一下|说说][这个文件夹|这些<文>|这里的<文>|资料库]
            [有哪些|有什么][类型|种类|类别]的<文>
            [在这里|从这些<文>中|这里][能|可以][找到|查到|了解到][什么|哪些内容]
            [文件夹|目录|里面|这里][里|]都[装了|放了|是些|存了]什么[东西|]
            [这批|这些]<文>[大概|大致|主要]是[讲什么的|关于什么的|什么内容]
            <里>[是|都是]些什么[东西|<文>|内容]
            *[翻翻|看看]<里>[装着|放着|存着][什么|些什么]
            *[手上|眼前]这些[东西|<文>]是[讲什么的|干什么的]
        """,
        "summary": """
            <请>[总结|总结一下|概括|概括一下|归纳|概述|摘要|归纳一下|简述|简要概括][{title}|{file}|《{title}》|关于{topic}的<篇>|那篇讲{topic}的<篇>][的内容|的要点|]
            <请>[总结|总结一下|概括|概括一下|归纳|概述][{topic}|{topic}的<篇>|{topic}<篇>]
            <请>[总结|总结一下|概括|概括一下|归纳|概述][所有<文>|全部<文>|全部内容|所有内容|这些<文>|一切|整个文件夹|这里的<文>|这些资料]
            [{title}|{file}|《{title}》|关于{topic}的<篇>]的[摘要|概要|总结|要点|主要内容|主要观点|大意|梗概|中心思想|内容提要][是什么|有哪些|]
            [{title}|{file}|《{title}》|关于{topic}的<篇>][讲了什么|说了什么|主要讲什么|讲的是什么|主要说了什么|大概讲什么|简单来说讲了什么]
            [{title}|{file}|《{title}》][总结|摘要|概要|要点]
            [给我|给出|写|写出|做][一个|一份|][{title}|{file}|关于{topic}的<篇>|所有<文>|全部内容]的[摘要|总结|概要|要点]
            [用几句话|用三句话|简单|简要]说[说|一下|明][{title}|{file}|关于{topic}的<篇>|所有<文>]
            [所有|全部|这些]<文>的[摘要|总结|概要|要点][是什么|]
            <请>[说说|讲讲|介绍一下|概括地说说][{title}|{file}|《{title}》][的大意|的要点|的主要内容|讲了些什么]
            [没时间看|懒得看|太长了不想看|不想读][{title}|{file}|《{title}》|关于{topic}的<篇>]，[说重点|要点是什么|简单说说|给我总结一下]
            [{title}|{file}|关于{topic}的<篇>]的[重点|核心|关键点|精华|结论][是什么|有哪些|]
            [{title}|{file}|《{title}》|关于{topic}的<篇>][大概|大致|主要][说的|讲的|写的]是什么
            [把|将][{title}|{file}|关于{topic}的<篇>|{topic}<篇>|所有<文>]的[内容|要点][概括|总结|提炼|归纳][一下|出来|成几点]
            [{topic}<篇>|{topic}的<篇>][概括|总结|归纳]一下
            *把[{title}|{file}|关于{topic}的<篇>|所有<文>][浓缩|压缩]成几句话
            *[{title}|{file}|关于{topic}的<篇>][最值得记住|最重要|关键]的[是什么|几句话是什么]
        """,
        "timeline": """
            {topic}的[时间线|时间轴|年表|大事记|时间表|来龙去脉|发展历程|先后经过]
            <请>[列出|整理|给出|画出|做][一个|一份|][关于|有关|]{topic}的[时间线|时间轴|年表|大事记|时间顺序]
            <请>[按时间|按时间顺序|按日期|按先后顺序|按日期先后][列出|整理|排列|说明|讲讲|介绍][关于|有关|][{topic}|{topic}的事件|{topic}的经过|{topic}的内容|{topic}的记录]
            {topic}[是如何|如何|怎样|是怎么][一步步|随时间|逐年|逐步][发展|变化|演变][的|]
            {topic}[先后|依次|各个时间点|在不同时间|历年来][发生了什么|有什么变化|发生了哪些事|有哪些变化|都有什么]
            [关于|有关]{topic}的[日期|时间点|时间节点][有哪些|都有哪些]
            {topic}[在|]各[年|月|阶段]的[情况|变化|进展]
            把[{title}|{file}|{topic}|{topic}<篇>][里|中|里面|]的[时间节点|日期|时间|时间点][按先后|按顺序|按时间|依次][排一下|列出来|排列|整理出来]
            [{title}|{file}|{topic}<篇>]里[有哪些|都有哪些][日期|时间节点|时间点]
            {topic}[从什么时候开始，到什么时候结束|先是怎样，后来怎样|每一步是什么时候]
            {topic}的[大事|重要日期|关键日期|重要时间|里程碑][有哪些|列一下|]
            [梳理|整理|理一理][一下|]{topic}的[经过|时间脉络|进展|过程|始末|前后经过]
            {topic}的[经过|始末|过程|进展]，[按时间|按先后][说明|列出|排好]
            *[从头到尾|自始至终]梳理一下{topic}
            *{topic}[哪天|何时|什么时候]发生了什么，[依次|挨个][说|列出来]
        """,
        "text": """
            [那|那么|]{topic}呢
            [<篇>|{title}|{person}][对|关于]{topic}[怎么说|是怎么说的|说了什么|有什么规定|如何规定]
            [合同|协议|租约|条约|大桥|规定|屋顶][是|]什么时候[签订|签署|到期|生效|建成|修订|维修]的
            [那|][为什么|什么时候|多少钱|在哪里|谁|几点|多久|哪一年|怎么办][呢|]
            [申请|办理|报名]{topic}[需要|要|须|应当][提交|准备|带|提供][多少|几|哪些|什么][个|份|][文件|文档|材料]
            {person}[签署|删除|发送|收到|写|丢失|提交|偷走|复印]了[多少|几|哪些|哪份][个|份|]<文>
            [哪些|什么]<文>[必须|应当|需要|可以|不得][提交|签字|保存|公开|销毁|附上|出示][给|]{topic}
            [哪些|什么]<文>[应当|须|需要]由{person}[签字|批准|保管|提交]
            {topic}[有多少|有几][个|名|位|座|条|种|家|所|本|页][成员|章|版本|分支|学生|部门|文件|]
            {topic}[里|中|内|的柜子里|的箱子里][最早|最晚|最旧|最新|最长][的|的一份|的一件][<文>|档案|信件|材料]是[什么|哪份|什么内容|哪年的]
            [最早|最晚|最旧|最新]的[一件|一份][档案|信件|地契|收据|票据|记录]是[什么|什么内容|哪年的]
            [随|跟|和]{topic}一起[来|送来|寄来|提交]的<文>有[几|多少|哪些][份|]
            [{topic}|旧档案|库房|档案室|仓库|箱子里][总共|一共|共]有[多少|几][件|份][档案|材料|文件|]
            [当|做|成为][志愿者|会员|学徒|{topic}]要[交|填|签|带][哪几份|几份|哪些][表|材料|文件]
            [给|写给|寄给]{topic}的[信|那封信|报告|邮件][是谁写的|是谁起草的|由谁签字|里附了几份材料|里附了什么|里写了什么]
            [哪些|哪份|哪本|哪一份]{topic}[附了|只能|需要|可以|有]{topic}
            [哪些|哪份|哪本][书|期刊|表|票|合同][附了|只能|可以|最贵|要|丢了]{topic}
            [误删|丢失|遗失|烧毁][之后|后]又[找回来|恢复]的是[哪个|哪份]<文>
            {topic}[里|中|][附了|夹了|缺了][几份|多少份|哪些|哪份]<文>
            [{topic}|该公司|这座城市]的哪[个|位|家]{topic}[是|最晚|最早|在|将]{topic}
            {topic}的哪个阶段[是|最]{topic}
            [该书|该文|这本书|该片|本片|小说|这首歌|该剧|节目|电影{topic}]讲[述|]了什么[内容|故事|]
            什么是{topic}
            什么是{topic}？什么是{topic}
            [邻居|房东|老板|公司|司机|商家|单位|学校|朋友|丈夫][不给|乱|私自|要求我|拒绝|一直][{topic}|涨价|扣钱|赔偿|打牌]，[可以|能|我可以|我能][要求|起诉|拒绝|投诉|退][{topic}|赔偿|他|吗][吗|]
            [我|他|乘客|消费者|顾客][购买|订|预订|取消]了[机票|车票|酒店|{topic}][可以|能|能不能][退|改签|全退|退款|赔偿]吗
            [公司|航空公司|司机|银行|网站|员工][可以|能|是否可以|能否|能随便][取消|更改|删除|扣留|发送|打开|公开|转让]{topic}吗
            {topic}[是|]何时[开始|结束|成为|被]{topic}[的|]
            {topic}[开始|后来|最后|将会|会]发生什么[变化|]
            {topic}是[由|被]谁[完成|领导|提出|设计|发现|批准]的
            谁给{person}[写信|写了信|发了邮件|寄了文件]
            谁[签署|批准|收到|翻译|发现|发布|提出|创立|发明]了[{topic}|{title}|这份<篇>]
            谁写[了|的]{topic}
            {person}[什么时候|何时|哪年][写|发表|签署|收到|寄出][了|][{topic}|那封信|这份<篇>|小说]
            {topic}[什么时候|何时|哪年|哪一年][建成|成立|出生|开放|关闭|发明|发生|结束|生效|出版]
            [最新|最早|最长|最大|最老|最近]的{topic}[是什么|是哪个|在哪里|叫什么|]
            {topic}中[最新|最早|最长|最大|最老]的[成员|建筑|河流|版本|桥|学校|机器|型号|公司|歌][是什么|是哪个|]
            {topic}[里|中|内][有什么|有哪些|包含什么|装了什么|有没有电梯]
            {topic}[讲了什么|说了什么|是什么|是关于什么的|主要内容是什么|有什么作用|的特点是什么]
            {person}[提到|说|讲|谈到|写]了[{topic}|什么|哪些人|关于{topic}的什么]
            [谁|哪个部门|哪家公司|哪个国家|哪位专家|哪个小组][提到|提出|讨论|谈到|反对|支持]了{topic}
            [有没有|是否有|有无][关于|针对]{topic}的[规定|法律|优惠|限制|罚款|处罚|例外]
            [如何|怎么|怎样][删除|翻译|发送|打开|重命名|列出|打印|复制|总结|查找|写][{topic}|文件|文档|一份合同|邮件]
            {topic}[发生了什么|怎么了|结果如何|后来怎么样]
            {topic}
            {title}
            {topic}的[历史|起源|原因|结果|日期|作者|名称|标题|价格|长度|面积|目录|时间]是[什么|多少|谁|]
            [列出|列举]{topic}的[成员|国家|步骤|原因|部分|规则|城市|特点|条件|义务]
            [为什么|为何]{topic}[被删除|被翻译|没有提到|被写成|要提交|被列入]
            [我|员工|公司|用人单位|当事人][可以|能|是否可以|能否|应该][删除|发送|打印|公开|翻译|复制|保留][{topic}|文件|合同|档案|员工的文件]
            哪[一条|个条款|一章|一节|个版本|一款][规定|提到|涉及|讲][了|]{topic}
            [合同|文件|遗嘱|协议|档案|文章][丢了|签了|没写日期|没有盖章|写错了]{topic}[怎么办|有效吗|谁负责]
        """,
    },
}  # fmt: skip

TYPES = {
    "en": "PDF/pdf/Word/docx/Excel/xlsx/spreadsheet/Markdown/markdown/md/text/txt/HTML/html/email/mail/PowerPoint/pptx/CSV/csv/presentation/web page/JSON/LaTeX/e-book",
    "zh": "PDF/pdf/Word/docx/Excel/表格/电子表格/Markdown/md/文本/txt/HTML/网页/邮件/PPT/pptx/CSV/csv/演示文稿/电子书/JSON",
}  # fmt: skip
LANGUAGES = {"en": "English/Chinese/english/chinese/Japanese/German/French", "zh": "英文/中文/英语/汉语/日文/法文"}
_SUFFIXES = ".txt .md .pdf .docx .html .csv .xlsx .pptx .eml .tex .epub".split()
_NAMED = {
    "en": ("{a}", "The {a}", "{a} and {b}", "Report on {a}", "{a}: {b}", "Minutes of {a}", "Notes on {a}", "A short history of {a}", "{a} in {b}",
           "Memo {n}", "Chapter {n}", "memo {n}", "Guide to {a}", "{a} policy", "{a} handbook"),
    "zh": ("{a}", "{a}与{b}", "{a}报告", "关于{a}的通知", "{a}管理办法", "{a}条例", "{a}简史", "{a}会议纪要", "备忘录{n}", "第{n}章", "{a}指南", "{a}手册"),
}  # fmt: skip
PLAIN = 5
SHARES = {"text": 4, "summary": 3}
"""Of the examples; what can be summarised has more wordings than what a command does."""
_POLITE = re.compile(r"^(?:please |can you |could you |hey, |请|帮我|麻烦)")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_MACRO = re.compile(r"<(\w+)>")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Made:
    """An example: what is typed, its kind, and (start, end) of what fills its slots."""

    text: str
    kind: str
    spans: tuple[tuple[int, int], ...]
    language: str
    held_out: bool
    """By the wording of its frame."""


@dataclass(frozen=True)
class Slots:
    """What fills the slots of one language."""

    topics: Sequence[str]
    people: Sequence[str]

    def fill(self, name: str, language: str, rng: random.Random) -> str:
        if name == "topic":
            return ("the " if language == "en" and rng.random() < 0.3 else "") + rng.choice(self.topics)
        if name == "person":
            return rng.choice(self.people)
        if name in ("type", "language"):
            return rng.choice((TYPES if name == "type" else LANGUAGES)[language].split("/"))
        form = rng.choice(_NAMED[language])
        title = form.format(
            a=_headed(rng.choice(self.topics), rng), b=_headed(rng.choice(self.topics), rng), n=rng.randint(1, 30)
        )
        if name == "title":
            return title
        return re.sub(r"\W+", rng.choice("-_ "), title if rng.random() < 0.3 else title.lower()).strip("-_ ") + rng.choice(
            _SUFFIXES
        )


def _headed(topic: str, rng: random.Random) -> str:
    return topic[:1].upper() + topic[1:] if rng.random() < 0.6 else topic


def made(slots: Mapping[str, Slots], each: int, rng: random.Random) -> Iterator[Made]:
    """`each` examples of every kind in each language, the frames in turn; the `PLAIN` first ones, which are the plainest, four times as often."""
    for language, kinds in FRAMES.items():
        for kind, told in kinds.items():
            frames = [line.strip() for line in told.strip().splitlines()]
            frames += 3 * frames[:PLAIN] if kind != "text" else []
            count = each * SHARES.get(kind, 1)
            for number in range(count):
                frame = frames[number % len(frames)]
                yield from _one(frame, kind, language, slots[language], rng)


def _one(frame: str, kind: str, language: str, slots: Slots, rng: random.Random) -> Iterator[Made]:
    worded = frame.lstrip("*")
    while found := _MACRO.search(worded) or _CHOICE.search(worded):
        chosen = MACROS[found[1]] if found.re is _MACRO else rng.choice(found[1].split("|"))
        worded = worded[: found.start()] + chosen + worded[found.end() :]
    worded = _as_typed(" ".join(worded.split()), kind, language, rng)
    text, spans, at = "", list[tuple[int, int]](), 0
    for slot in _SLOT.finditer(worded):
        text += worded[at : slot.start()]
        filling = slots.fill(slot[1], language, rng)
        spans.append((len(text), len(text) + len(filling)))
        text, at = text + filling, slot.end()
    text += worded[at:]
    if text.strip():
        yield Made(text, kind, tuple(spans), language, frame.startswith("*"))


def _as_typed(worded: str, kind: str, language: str, rng: random.Random) -> str:
    """With or without a capital, a mark at the end, a word of politeness."""
    if rng.random() < 0.6 and not worded.startswith("{"):
        worded = worded[:1].upper() + worded[1:]
    if kind not in ("chat", "command") and rng.random() < 0.08 and not _POLITE.match(worded):
        worded = ("请问" if language == "zh" else rng.choice(("Please, ", "Hi, ", "can you tell me "))) + worded
    end = rng.random()
    mark = "？" if language == "zh" else "?"
    if kind in ("chat", "command", "summary", "timeline", "list") and end < 0.6:
        return worded + rng.choice(("", "", ".", "。" if language == "zh" else "."))
    return worded + (mark if end < 0.85 else "") if worded[-1:] not in "?？.!。！" else worded
